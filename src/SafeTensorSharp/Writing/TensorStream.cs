using System.Buffers;
using SharedSource.IO;
using SharedSource.Text;
using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>
/// What a tensor's source writes to: counts, and refuses more than the tensor takes before it reaches the file. Who asks it for memory
/// as an <see cref="IBufferWriter{T}"/> saves a copy.
/// </summary>
internal sealed class TensorStream(IByteSink sink, string tensorName, long expected, string path) : WriteOnlyStream, IBufferWriter<byte>
{
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (buffer.Length > expected - Written)
        {
            throw Wrong(Invariant($"at least {Written + buffer.Length:N0}"));
        }

        sink.Write(buffer);
        Written += buffer.Length;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        return sink.GetMemory(sizeHint);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > expected - Written)
        {
            throw Wrong(Invariant($"at least {Written + count:N0}"));
        }

        sink.Advance(count);
        Written += count;
    }

    /// <summary>Ends the tensor: nothing may be written after it, and nothing may be missing.</summary>
    public void Finish()
    {
        IsClosed = true;
        if (Written != expected)
        {
            throw Wrong(Invariant($"{Written:N0}"));
        }
    }

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
