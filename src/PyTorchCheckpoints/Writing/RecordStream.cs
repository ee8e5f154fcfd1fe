using SharedSource.IO;
using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>
/// What a tensor's source writes to: computes the checksum on the way, and refuses more than the storage takes before it reaches the
/// file.
/// </summary>
internal sealed class RecordStream(FileSink sink, string tensorName, long expected, string path) : WriteOnlyStream
{
    /// <summary>The checksum of what was written so far.</summary>
    public uint Crc { get; private set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (buffer.Length > expected - Written)
        {
            throw Wrong(Invariant($"at least {Written + buffer.Length:N0}"));
        }

        Crc = Crc32.Append(Crc, buffer);
        sink.Write(buffer);
        Written += buffer.Length;
    }

    /// <summary>Ends the record: nothing may be written after it, and nothing may be missing.</summary>
    public void Finish()
    {
        IsClosed = true;
        if (Written != expected)
        {
            throw Wrong(Invariant($"{Written:N0}"));
        }
    }

    private CheckpointWriteException Wrong(string delivered) => new(
        CheckpointErrorKind.WrongByteCount,
        [Invariant($"The source of tensor {Escape.Quote(tensorName)} delivers {delivered} bytes, and its shape takes {expected:N0}")],
        "Make the source write exactly the bytes of its elements, in C order.", path, tensorName);
}
