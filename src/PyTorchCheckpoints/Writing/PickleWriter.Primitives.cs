using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace PyTorchCheckpoints;

/// <content>Numbers, texts, names and the memo.</content>
internal sealed partial class PickleWriter
{
    private void Integers(IReadOnlyList<long> numbers)
    {
        if (numbers.Count > 3)
        {
            Op(Opcode.Mark);
        }

        foreach (long number in numbers)
        {
            Integer(number);
        }

        Op(numbers.Count switch
        {
            0 => Opcode.EmptyTuple,
            > 3 => Opcode.Tuple,
            _ => (byte)(Opcode.Tuple1 + numbers.Count - 1),
        });
    }

    private void Integer(Int128 value)
    {
        if (value >= 0 && value <= byte.MaxValue)
        {
            Op(Opcode.BinInt1);
            Op((byte)value);
        }
        else if (value >= 0 && value <= ushort.MaxValue)
        {
            Op(Opcode.BinInt2);
            BinaryPrimitives.WriteUInt16LittleEndian(_output.GetSpan(2), (ushort)value);
            _output.Advance(2);
        }
        else if (value >= int.MinValue && value <= int.MaxValue)
        {
            Op(Opcode.BinInt);
            Number((uint)(int)value);
        }
        else
        {
            Long(value);
        }
    }

    // Two's complement, little-endian, without bytes that only repeat the sign.
    private void Long(Int128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt128LittleEndian(bytes, value);
        int length = bytes.Length;
        byte sign = value < 0 ? (byte)0xFF : (byte)0;
        while (length > 1 && bytes[length - 1] == sign && (bytes[length - 2] & 0x80) == (sign & 0x80))
        {
            length--;
        }

        Op(Opcode.Long1);
        Op((byte)length);
        _output.Write(bytes[..length]);
    }

    private void Text(string text)
    {
        if (_memo.TryGetValue(text, out int known))
        {
            Get(known);
            return;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Op(Opcode.BinUnicode);
        Number((uint)bytes.Length);
        _output.Write(bytes);
        Memoize(text);
    }

    // How Python 3 writes bytes in protocol 2.
    private void Bytes(BytesValue bytes)
    {
        Global("_codecs", "encode");
        Text(Encoding.Latin1.GetString(bytes.Value.Span));
        Text("latin1");
        Op(Opcode.Tuple2);
        Op(Opcode.Reduce);
        Put(bytes);
    }

    private void EmptyOrderedDict()
    {
        Global("collections", "OrderedDict");
        Op(Opcode.EmptyTuple);
        Op(Opcode.Reduce);
    }

    private void Global(string module, string name)
    {
        (string, string) key = (module, name);
        if (_memo.TryGetValue(key, out int known))
        {
            Get(known);
            return;
        }

        Op(Opcode.Global);
        _output.Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
        Memoize(key);
    }

    // Only what the tree has at several places needs a number.
    private void Put(CheckpointValue value)
    {
        if (_tree.IsShared(value))
        {
            Memoize(value);
        }
    }

    private void Memoize(object key)
    {
        int index = _memo.Count;
        _memo.Add(key, index);
        Indexed(index, Opcode.BinPut, Opcode.LongBinPut);
    }

    private void Get(int index) => Indexed(index, Opcode.BinGet, Opcode.LongBinGet);

    private void Indexed(int index, byte shortOp, byte longOp)
    {
        if (index <= byte.MaxValue)
        {
            Op(shortOp);
            Op((byte)index);
        }
        else
        {
            Op(longOp);
            Number((uint)index);
        }
    }

    private void Number(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_output.GetSpan(4), value);
        _output.Advance(4);
    }

    private void Op(byte opcode)
    {
        _output.GetSpan(1)[0] = opcode;
        _output.Advance(1);
    }
}
