using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace SafeTensorSharp;

/// <summary>
/// The header's bytes, equal to those of the reference implementation for the same tensors: metadata first (here in the order of its
/// keys), no white space, only what JSON requires escaped, spaces at the end.
/// </summary>
internal static class HeaderWriter
{
    private static readonly SearchValues<byte> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (byte)c), (byte)'"', (byte)'\\']);

    /// <summary>
    /// Makes the length, the header and its padding, and fills in each tensor's bytes. The entries are checked and in order.
    /// </summary>
    /// <exception cref="SafeTensorLimitException">The header is over the limit.</exception>
    public static byte[] Write(
        SafeTensorEntry[] entries, long[] byteCounts, IReadOnlyDictionary<string, string>? metadata, SafeTensorWriteOptions options,
        string path)
    {
        ArrayBufferWriter<byte> output = new(256 + (entries.Length * 100));
        output.Write<byte>([0, 0, 0, 0, 0, 0, 0, 0, (byte)'{']);
        bool first = true;
        if (metadata is { Count: > 0 })
        {
            WriteMetadata(output, metadata);
            first = false;
        }

        long begin = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            SafeTensorEntry entry = entries[i];
            byteCounts[i] = entry.GetByteCount();
            WriteEntry(output, entry, begin, begin + byteCounts[i], first);
            CheckLength(output, options.Limits, path);
            begin += byteCounts[i];
            first = false;
        }

        output.Write("}"u8);
        int padding = (options.DataAlignment - (output.WrittenCount % options.DataAlignment)) % options.DataAlignment;
        output.GetSpan(padding)[..padding].Fill((byte)' ');
        output.Advance(padding);
        CheckLength(output, options.Limits, path);
        byte[] result = output.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(result, result.Length - SafeTensorHeader.LengthBytes);
        return result;
    }

    private static void CheckLength(ArrayBufferWriter<byte> output, SafeTensorLimits limits, string path)
    {
        long length = output.WrittenCount - SafeTensorHeader.LengthBytes;
        if (length > limits.MaxHeaderBytes)
        {
            throw new SafeTensorLimitException(
                SafeTensorErrorKind.HeaderTooLarge, "The header's length", nameof(SafeTensorLimits.MaxHeaderBytes), (ulong)length,
                limits.MaxHeaderBytes, path, position: null, tensorName: null);
        }
    }

    private static void WriteMetadata(ArrayBufferWriter<byte> output, IReadOnlyDictionary<string, string> metadata)
    {
        output.Write("\"__metadata__\":{"u8);
        bool first = true;
        foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            output.Write(first ? default : ","u8);
            WriteString(output, key);
            output.Write(":"u8);
            WriteString(output, value);
            first = false;
        }

        output.Write("}"u8);
    }

    private static void WriteEntry(ArrayBufferWriter<byte> output, SafeTensorEntry entry, long begin, long end, bool first)
    {
        output.Write(first ? default : ","u8);
        WriteString(output, entry.Name);
        output.Write(":{\"dtype\":\""u8);
        output.Write(DTypes.Utf8Name(entry.DType));
        output.Write("\",\"shape\":["u8);
        for (int i = 0; i < entry.Shape.Count; i++)
        {
            output.Write(i == 0 ? default : ","u8);
            WriteInteger(output, entry.Shape[i]);
        }

        output.Write("],\"data_offsets\":["u8);
        WriteInteger(output, begin);
        output.Write(","u8);
        WriteInteger(output, end);
        output.Write("]}"u8);
    }

    private static void WriteInteger(ArrayBufferWriter<byte> output, long value)
    {
        Span<byte> span = output.GetSpan(20);
        Utf8Formatter.TryFormat(value, span, out int written);
        output.Advance(written);
    }

    private static void WriteString(ArrayBufferWriter<byte> output, string text)
    {
        output.Write("\""u8);
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text);
        while (!rest.IsEmpty)
        {
            int plain = rest.IndexOfAny(Escaped);
            output.Write(plain < 0 ? rest : rest[..plain]);
            if (plain < 0)
            {
                break;
            }

            WriteEscape(output, rest[plain]);
            rest = rest[(plain + 1)..];
        }

        output.Write("\""u8);
    }

    private static void WriteEscape(ArrayBufferWriter<byte> output, byte c)
    {
        switch (c)
        {
            case (byte)'"' or (byte)'\\':
                output.Write([(byte)'\\', c]);
                break;
            case (byte)'\b' or (byte)'\t' or (byte)'\n' or (byte)'\f' or (byte)'\r':
                output.Write([(byte)'\\', "btn_fr"u8[c - '\b']]);
                break;
            default:
                output.Write("\\u00"u8);
                output.Write(["01"u8[c >> 4], "0123456789abcdef"u8[c & 15]]);
                break;
        }
    }
}
