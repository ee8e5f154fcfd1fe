using System.Buffers;
using System.Text.Unicode;
using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>The rules on a header as a text: valid UTF-8 (R5) that begins with <c>{</c> (R6).</summary>
internal static class HeaderText
{
    /// <summary>Checks <paramref name="start"/>, which is the length's 8 bytes and the header.</summary>
    public static void Check(ReadOnlySpan<byte> start, long fileLength, SafeTensorReadOptions options, HeaderErrors errors)
    {
        ReadOnlySpan<byte> header = start[SafeTensorHeader.LengthBytes..];
        ReadOnlySpan<byte> body = options.Compat ? header.TrimStart(" \t\r\n"u8) : header;
        bool isObject = body.StartsWith("{"u8);
        if (!isObject && FormatSniffer.Recognise(start, fileLength, options.Limits, errors.Path) is { } recognised)
        {
            throw recognised;
        }

        if (!Utf8.IsValid(header))
        {
            throw errors.At(SafeTensorErrorKind.InvalidHeader, FirstInvalid(header), "The header is not valid UTF-8");
        }

        if (!isObject)
        {
            throw NotObject(header, body, errors);
        }

        if (body.Length < header.Length)
        {
            errors.Warnings.Add(Invariant($"{header.Length - body.Length} bytes of white space stand before the header's object."));
        }
    }

    private static SafeTensorFormatException NotObject(ReadOnlySpan<byte> header, ReadOnlySpan<byte> body, HeaderErrors errors)
    {
        const SafeTensorErrorKind kind = SafeTensorErrorKind.HeaderNotObject;
        if (header.IsEmpty)
        {
            return errors.At(kind, 0, "The header is empty, where at least {} must stand");
        }

        if (header.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            return errors.At(kind, 0, "The header begins with a byte order mark instead of {");
        }

        return header.TrimStart(" \t\r\n"u8).StartsWith("{"u8)
            ? errors.LaxAt(kind, 0, "The header begins with white space instead of {")
            : errors.At(kind, header.Length - body.Length, "The header does not begin with {");
    }

    private static int FirstInvalid(ReadOnlySpan<byte> header)
    {
        Span<char> scratch = stackalloc char[512];
        int position = 0;
        OperationStatus status;
        do
        {
            status = Utf8.ToUtf16(header[position..], scratch, out int read, out _, replaceInvalidSequences: false);
            position += read;
        }
        while (status == OperationStatus.DestinationTooSmall);

        return position;
    }
}
