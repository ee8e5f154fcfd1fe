using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <content>Numbers, texts and names of any length that a pickle tells.</content>
internal sealed partial class PickleMachine
{
    private Int128 ReadLong()
    {
        int length = _input.Read(1)[0];
        if (length > 16)
        {
            throw Error(Invariant($"An integer has {length} bytes; up to 16 are read"));
        }

        // Two's complement, little-endian, as short as can be.
        ReadOnlySpan<byte> bytes = _input.Read(length);
        Span<byte> whole = stackalloc byte[16];
        whole.Fill(length > 0 && bytes[^1] >= 0x80 ? (byte)0xFF : (byte)0);
        bytes.CopyTo(whole);
        return BinaryPrimitives.ReadInt128LittleEndian(whole);
    }

    private CheckpointValue ReadText(uint length, bool orBytes)
    {
        if (length > _input.Remaining)
        {
            throw Error(Invariant($"A text of {length:N0} bytes begins where {_input.Remaining:N0} are left"), CheckpointErrorKind.Truncated);
        }

        if (length > _limits.MaxTextBytes)
        {
            throw Limit("The length of a text in bytes", nameof(CheckpointLimits.MaxTextBytes), length, _limits.MaxTextBytes);
        }

        ReadOnlySpan<byte> bytes = _input.Read((int)length);
        if (!Utf8.IsValid(bytes))
        {
            // Python 2 kept texts and bytes in the same way.
            return orBytes ? new BytesValue(bytes.ToArray()) : throw Error("A text is not valid UTF-8");
        }

        return new TextValue(Encoding.UTF8.GetString(bytes));
    }

    private void PushGlobal()
    {
        string module = ReadLine(), name = ReadLine();
        if (GlobalTable.Find(module, name) is { } known)
        {
            Push(known);
        }
        else if (_options.AllowOpaque)
        {
            PushNew(new OpaqueValue($"{module}.{name}"));
        }
        else
        {
            throw GlobalTable.Forbidden(module, name, _input.Path, _position);
        }
    }

    private string ReadLine()
    {
        Span<byte> line = stackalloc byte[MaxGlobalBytes];
        for (int length = 0; ; length++)
        {
            int b = _input.ReadByte();
            if (b < 0)
            {
                throw _input.Ended();
            }

            if (b == '\n')
            {
                return Utf8.IsValid(line[..length]) ? Encoding.UTF8.GetString(line[..length]) : throw Error("A name is not valid UTF-8");
            }

            if (length == line.Length)
            {
                throw Error(Invariant($"A name is longer than {MaxGlobalBytes} bytes"));
            }

            line[length] = (byte)b;
        }
    }
}
