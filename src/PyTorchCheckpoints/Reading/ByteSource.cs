using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>Bytes with positions. The one place through which every byte of a file is read, so that tests can count and cut.</summary>
internal abstract class ByteSource : IDisposable
{
    private long _bytesRead;

    /// <summary>How many bytes were read so far.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    public abstract string? Path { get; }

    /// <summary>The length at this moment.</summary>
    public abstract long Length { get; }

    /// <summary>
    /// Reads up to <c>destination.Length</c> bytes; 0 only at the end of the file. Any number of threads may read at once.
    /// </summary>
    public abstract int Read(Span<byte> destination, long position);

    /// <summary>Reads until the destination is full or the file ends.</summary>
    /// <returns>The number of bytes read.</returns>
    public int ReadUpTo(Span<byte> destination, long position)
    {
        int total = 0;
        while (total < destination.Length)
        {
            int read = Read(destination[total..], position + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        Interlocked.Add(ref _bytesRead, total);
        return total;
    }

    /// <summary>Fills the destination.</summary>
    /// <exception cref="CheckpointDataException">The file ends before.</exception>
    public void ReadExactly(Span<byte> destination, long position, string? tensorName = null)
    {
        int read = ReadUpTo(destination, position);
        if (read < destination.Length)
        {
            throw new CheckpointDataException(
                CheckpointErrorKind.Truncated,
                Invariant($"The file ended {destination.Length - read:N0} bytes early"),
                "It was cut, or another program is changing it; wait until that is done, or fetch it again.",
                Path,
                position + read,
                tensorName);
        }
    }

    public abstract void Dispose();
}
