using System.Buffers;
using SharedSource.IO;
using SharedSource.Text;
using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>
/// What a tensor's source writes to: counts, and refuses more than the tensor takes before it reaches the file. Who asks it for memory
/// as an <see cref="IBufferWriter{T}"/> saves a copy.
/// </summary>
internal sealed class TensorStream(IByteSink sink, string tensorName, long expected, string path) : Stream, IBufferWriter<byte>
{
    private long _written;
    private bool _closed;

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

        sink.Write(buffer);
        _written += buffer.Length;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        return sink.GetMemory(sizeHint);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > expected - _written)
        {
            throw Wrong(Invariant($"at least {_written + count:N0}"));
        }

        sink.Advance(count);
        _written += count;
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

    /// <summary>Ends the tensor: nothing may be written after it, and nothing may be missing.</summary>
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

    private SafeTensorWriteException Wrong(string delivered) => new(
        [
            new SafeTensorProblem(
                SafeTensorErrorKind.WrongByteCount,
                Invariant($"The source of tensor {Escape.Quote(tensorName)} delivers {delivered} bytes, and its shape takes {expected:N0}"),
                tensorName),
        ],
        "Make the source write exactly the bytes of its elements, in C order.",
        path);
}
