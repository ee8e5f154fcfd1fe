using System.Buffers.Binary;
using System.Text;

namespace PyTorchCheckpoints.Tests;

/// <summary>Writes pickles opcode by opcode, valid or not, independently of the library's writer.</summary>
internal sealed class PickleBuilder
{
    private readonly List<byte> _bytes = [];

    public static PickleBuilder Start(byte protocol = 2) => new PickleBuilder().Raw(0x80, protocol);

    public byte[] ToArray() => _bytes.ToArray();

    /// <summary>The pickle, ended by STOP.</summary>
    public byte[] Stop() => Raw((byte)'.').ToArray();

    public PickleBuilder Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleBuilder Op(char opcode) => Raw((byte)opcode);

    public PickleBuilder Do(Action<PickleBuilder> part)
    {
        part(this);
        return this;
    }

    public PickleBuilder Repeat(int count, Action<PickleBuilder, int> part)
    {
        for (int i = 0; i < count; i++)
        {
            part(this, i);
        }

        return this;
    }

    public PickleBuilder Global(string module, string name) => Raw(Encoding.UTF8.GetBytes($"c{module}\n{name}\n"));

    public PickleBuilder Text(string text) => Text(Encoding.UTF8.GetBytes(text));

    public PickleBuilder Text(byte[] utf8, uint? length = null) => Op('X').UInt32(length ?? (uint)utf8.Length).Raw(utf8);

    public PickleBuilder UInt32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Raw(bytes);
    }

    /// <summary>An integer of any size, as LONG1 of 16 bytes or as BININT.</summary>
    public PickleBuilder Int(Int128 value)
    {
        if (value >= int.MinValue && value <= int.MaxValue)
        {
            return Op('J').UInt32((uint)(int)value);
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt128LittleEndian(bytes, value);
        return Raw(0x8A, 16).Raw(bytes);
    }

    public PickleBuilder Float(double value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(bytes, value);
        return Op('G').Raw(bytes);
    }

    public PickleBuilder True() => Raw(0x88);

    public PickleBuilder False() => Raw(0x89);

    public PickleBuilder None() => Op('N');

    public PickleBuilder Tuple(params Action<PickleBuilder>[] items)
    {
        Op('(');
        foreach (Action<PickleBuilder> item in items)
        {
            item(this);
        }

        return Op('t');
    }

    public PickleBuilder Ints(params long[] numbers) => Tuple([.. numbers.Select(n => (Action<PickleBuilder>)(p => p.Int(n)))]);

    public PickleBuilder OrderedDict() => Global("collections", "OrderedDict").Op(')').Op('R');

    /// <summary>A dictionary with its entries.</summary>
    public PickleBuilder Dict(params (string Key, Action<PickleBuilder> Value)[] entries)
    {
        Op('}').Op('(');
        foreach ((string key, Action<PickleBuilder> value) in entries)
        {
            Text(key).Do(value);
        }

        return Op('u');
    }

    /// <summary>The persistent id of a storage; six items with <paramref name="view"/>, as in the legacy format.</summary>
    public PickleBuilder Storage(string key, Int128 count, string storageClass = "FloatStorage", string tag = "storage", Action<PickleBuilder>? view = null, string module = "torch")
    {
        Op('(').Text(tag).Global(module, storageClass).Text(key).Text("cpu").Int(count);
        view?.Invoke(this);
        return Op('t').Op('Q');
    }

    /// <summary>A call of <c>_rebuild_tensor_v2</c>.</summary>
    public PickleBuilder Tensor(Action<PickleBuilder> storage, long[] shape, long[] stride, long offset = 0) => Global("torch._utils", "_rebuild_tensor_v2")
        .Tuple(storage, p => p.Int(offset), p => p.Ints(shape), p => p.Ints(stride), p => p.False(), p => p.OrderedDict())
        .Op('R');

    /// <summary>A contiguous tensor that is the whole of a float32 storage in a zip archive.</summary>
    public PickleBuilder Tensor(string key, params long[] shape) => Tensor(
        p => p.Storage(key, shape.Aggregate(1L, (a, b) => a * b)), shape, TensorShape.ContiguousStride(shape));
}
