using System.Buffers;
using System.Buffers.Binary;
using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>
/// Fetches the bytes of a header: first the 8 of its length, which are checked before anything is allocated, then exactly N.
/// </summary>
internal static class HeaderReader
{
    private const string FetchAgain = "The download or copy is probably incomplete; fetch the file again.";

    // Beyond this a buffer is better left to the garbage collector than kept in the shared pool.
    private const int MaxPooledBytes = 1 << 20;

    public static SafeTensorHeader Read(ByteSource source, SafeTensorReadOptions options)
    {
        long fileLength = source.Length;
        Span<byte> length = stackalloc byte[SafeTensorHeader.LengthBytes];
        int read = source.ReadFully(length, 0);
        int total = CheckLength(source, length[..read], fileLength, options);
        byte[] buffer = Rent(total);
        try
        {
            length.CopyTo(buffer);
            Span<byte> rest = buffer.AsSpan(read, total - read);
            int got = source.ReadFully(rest, read);
            return Finish(source, buffer, total, read + got, fileLength, options);
        }
        finally
        {
            Return(buffer);
        }
    }

    public static async Task<SafeTensorHeader> ReadAsync(
        ByteSource source, SafeTensorReadOptions options, CancellationToken cancellationToken)
    {
        long fileLength = source.Length;
        byte[] length = new byte[SafeTensorHeader.LengthBytes];
        int read = await source.ReadFullyAsync(length, 0, cancellationToken).ConfigureAwait(false);
        int total = CheckLength(source, length.AsSpan(0, read), fileLength, options);
        byte[] buffer = Rent(total);
        try
        {
            length.CopyTo(buffer, 0);
            int got = await source.ReadFullyAsync(buffer.AsMemory(read, total - read), read, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return Finish(source, buffer, total, read + got, fileLength, options);
        }
        finally
        {
            Return(buffer);
        }
    }

    /// <summary>8 + N, after the rules that concern N (R1 to R4).</summary>
    public static long ReadDataOffset(ReadOnlySpan<byte> start, long fileLength, SafeTensorLimits limits, string? path)
    {
        if (start.Length < SafeTensorHeader.LengthBytes || fileLength < SafeTensorHeader.LengthBytes)
        {
            throw new SafeTensorFormatException(
                SafeTensorErrorKind.HeaderTooSmall,
                Invariant($"The file has {Math.Min(fileLength, start.Length)} bytes, fewer than the 8 of the header's length"),
                FetchAgain,
                path,
                position: 0);
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > (ulong)limits.MaxHeaderBytes)
        {
            throw FormatSniffer.Recognise(start, fileLength, limits, path) ?? (SafeTensorException)new SafeTensorLimitException(
                SafeTensorErrorKind.HeaderTooLarge, "The header's length", nameof(SafeTensorLimits.MaxHeaderBytes), length,
                limits.MaxHeaderBytes, path, position: 0, tensorName: null);
        }

        // No overflow: the limit is far below 2^63.
        long dataOffset = SafeTensorHeader.LengthBytes + (long)length;
        if (dataOffset > fileLength)
        {
            throw FormatSniffer.Recognise(start, fileLength, limits, path) ?? (SafeTensorException)new SafeTensorFormatException(
                SafeTensorErrorKind.InvalidHeaderLength,
                Invariant($"The header is said to take {length:N0} bytes, and the whole file has {fileLength:N0}"),
                FetchAgain,
                path,
                position: 0);
        }

        return dataOffset;
    }

    /// <summary>Checks 8 + N bytes; all of the rules but those on N.</summary>
    public static SafeTensorHeader Parse(ReadOnlySpan<byte> start, long fileLength, SafeTensorReadOptions options, string? path)
    {
        HeaderErrors errors = new(path);
        HeaderText.Check(start, fileLength, options, errors);
        return HeaderParser.Parse(start, fileLength, options, errors);
    }

    private static int CheckLength(ByteSource source, ReadOnlySpan<byte> length, long fileLength, SafeTensorReadOptions options)
    {
        try
        {
            return (int)ReadDataOffset(length, fileLength, options.Limits, source.Path);
        }
        catch (SafeTensorException) when (length.Length == SafeTensorHeader.LengthBytes)
        {
            // Only a file that is refused anyway is read further, to say what it is.
            byte[] prefix = new byte[FormatSniffer.PrefixBytes];
            int read = source.ReadFully(prefix, 0);
            if (FormatSniffer.Recognise(prefix.AsSpan(0, read), fileLength, options.Limits, source.Path) is { } recognised)
            {
                throw recognised;
            }

            throw;
        }
    }

    private static SafeTensorHeader Finish(
        ByteSource source, byte[] buffer, int total, int read, long fileLength, SafeTensorReadOptions options) =>
        read < total
            ? throw new SafeTensorDataException(
                SafeTensorErrorKind.TruncatedDuringRead,
                Invariant($"The file ended while its header was read, after {read:N0} of {total:N0} bytes"),
                "Another program is changing the file; wait until it is done, then read again.",
                source.Path,
                position: read,
                tensorName: null)
            : Parse(buffer.AsSpan(0, total), fileLength, options, source.Path);

    private static byte[] Rent(int length) =>
        length <= MaxPooledBytes ? ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);

    private static void Return(byte[] buffer)
    {
        if (buffer.Length <= MaxPooledBytes)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
