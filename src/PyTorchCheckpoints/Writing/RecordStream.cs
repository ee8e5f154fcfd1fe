using SharedSource.IO;
using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>
/// What a tensor's source writes to: computes the checksum on the way, and refuses more than the storage takes before it reaches the
/// file.
/// </summary>
internal sealed class RecordStream(FileSink sink, string tensorName, long expected, string path) : Stream
{
    private long _written;
    private bool _closed;

    /// <summary>The checksum of what was written so far.</summary>
    public uint Crc { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !_closed;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _written;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (buffer.Length > expected - _written)
        {
            throw Wrong(Invariant($"at least {_written + buffer.Length:N0}"));
        }

        Crc = Crc32.Append(Crc, buffer);
        sink.Write(buffer);
        _written += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    public override void WriteByte(byte value) => Write([value]);

    public override void Flush()
    {
        // The sink writes when it has enough; a flush by a tensor's source would only make small writes.
    }

    /// <summary>Ends the record: nothing may be written after it, and nothing may be missing.</summary>
    public void Finish()
    {
        _closed = true;
        if (_written != expected)
        {
            throw Wrong(Invariant($"{_written:N0}"));
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private CheckpointWriteException Wrong(string delivered) => new(
        CheckpointErrorKind.WrongByteCount,
        [Invariant($"The source of tensor {Escape.Quote(tensorName)} delivers {delivered} bytes, and its shape takes {expected:N0}")],
        "Make the source write exactly the bytes of its elements, in C order.", path, tensorName);
}
