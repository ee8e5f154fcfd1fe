using System.Buffers;
using System.Text;
using System.Text.Unicode;
using SharedSource.IO;
using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>Reads a whole file of text, bounded by the limits, and checks that it is UTF-8.</summary>
internal static class FileBytes
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The file's bytes without a byte order mark.</summary>
    /// <exception cref="TokenizerLimitException">The file is too large.</exception>
    /// <exception cref="TokenizerFormatException">The file is not UTF-8.</exception>
    public static ReadOnlyMemory<byte> ReadText(string path, TokenizerLimits limits) => Checked(Read(path, limits), path);

    /// <summary>The file's bytes; null where there is no such file.</summary>
    public static ReadOnlyMemory<byte>? ReadTextIfPresent(string path, TokenizerLimits limits) =>
        File.Exists(path) ? ReadText(path, limits) : default(ReadOnlyMemory<byte>?);

    /// <inheritdoc cref="ReadText(string, TokenizerLimits)"/>
    public static ReadOnlyMemory<byte> ReadText(Stream stream, TokenizerLimits limits) =>
        Checked(Read(stream, path: null, limits), path: null);

    /// <summary>The file's bytes, whatever they are.</summary>
    /// <exception cref="TokenizerFormatException">It is no file: a pipe or a device.</exception>
    public static byte[] Read(string path, TokenizerLimits limits)
    {
        if (SpecialFile.Describe(path) is { } kind)
        {
            throw new TokenizerFormatException($"This is {kind}, and not a file", path, remedy: "Give the file itself.");
        }

        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1);
        return Read(stream, path, limits);
    }

    private static byte[] Read(Stream stream, string? path, TokenizerLimits limits)
    {
        long length = stream.CanSeek ? stream.Length - stream.Position : 0;
        if (length > limits.MaxFileBytes)
        {
            throw TooLarge(length, path, limits);
        }

        // One byte more than expected, so that the end is seen without growing.
        byte[] bytes = new byte[Math.Max(length + 1, 4096)];
        int count = 0;
        while (stream.Read(bytes, count, bytes.Length - count) is > 0 and var read)
        {
            count += read;
            if (count > limits.MaxFileBytes)
            {
                throw TooLarge(count, path, limits);
            }

            if (count == bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(bytes.Length * 2L, limits.MaxFileBytes + 1));
            }
        }

        Array.Resize(ref bytes, count);
        return bytes;
    }

    private static TokenizerLimitException TooLarge(long length, string? path, TokenizerLimits limits) =>
        new("The file is too large, in bytes", nameof(TokenizerLimits.MaxFileBytes), length, limits.MaxFileBytes, path);

    private static ReadOnlyMemory<byte> Checked(byte[] bytes, string? path)
    {
        if (!Utf8.IsValid(bytes))
        {
            throw new TokenizerFormatException(Invariant($"Not UTF-8 text, from byte {FirstInvalid(bytes):N0} on"), path);
        }

        return bytes.AsSpan().StartsWith(ByteOrderMark) ? bytes.AsMemory(ByteOrderMark.Length) : bytes;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (at < bytes.Length && Rune.DecodeFromUtf8(bytes[at..], out _, out int length) == OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }
}
