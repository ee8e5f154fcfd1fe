using System.Buffers;

namespace SafeTensorSharp;

/// <summary>
/// A tensor to be written: what the header says of it, and where its bytes come from. Bytes are asked for when their turn comes, so that
/// a writer never holds more than one portion.
/// </summary>
public sealed class SafeTensorEntry
{
    private const int CopyPortion = 4 << 20;

    private readonly Action<Stream> _write;

    private SafeTensorEntry(string name, DType dtype, IEnumerable<long> shape, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(write);
        _ = DTypes.BitSize(dtype);
        Name = name;
        DType = dtype;
        Shape = [.. shape];
        _write = write;
    }

    /// <summary>The key in the file.</summary>
    public string Name { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>The dimensions, outermost first.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>A tensor whose bytes are in memory; they are read when it is written, not before.</summary>
    /// <param name="name">The key in the file.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="shape">The dimensions, outermost first; empty for a scalar.</param>
    /// <param name="data">The elements in C order, little-endian.</param>
    public static SafeTensorEntry FromBytes(string name, DType dtype, IEnumerable<long> shape, ReadOnlyMemory<byte> data) =>
        new(name, dtype, shape, stream => stream.Write(data.Span));

    /// <summary>A tensor whose bytes are in native memory, which must stay valid until it is written.</summary>
    /// <param name="name">The key in the file.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="shape">The dimensions, outermost first; empty for a scalar.</param>
    /// <param name="data">The address of the elements in C order, little-endian.</param>
    /// <param name="byteCount">How many bytes are there.</param>
    public static unsafe SafeTensorEntry FromPointer(string name, DType dtype, IEnumerable<long> shape, nint data, long byteCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        if (data == 0 && byteCount > 0)
        {
            throw new ArgumentNullException(nameof(data));
        }

        return new SafeTensorEntry(name, dtype, shape, stream =>
        {
            const int portion = 1 << 30;
            for (long done = 0; done < byteCount; done += portion)
            {
                stream.Write(new ReadOnlySpan<byte>((byte*)data + done, (int)Math.Min(portion, byteCount - done)));
            }
        });
    }

    /// <summary>A tensor whose bytes are made while it is written.</summary>
    /// <param name="name">The key in the file.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="shape">The dimensions, outermost first; empty for a scalar.</param>
    /// <param name="write">
    /// Writes exactly the tensor's bytes to the stream it is given; called once, on the caller's thread. Portions of any size will do. The
    /// stream is an <see cref="IBufferWriter{T}"/> of bytes too: what is made in its memory, best a megabyte at a time, goes to disk without
    /// being copied. Its exceptions pass through the writer unchanged.
    /// </param>
    public static SafeTensorEntry FromWriter(string name, DType dtype, IEnumerable<long> shape, Action<Stream> write) =>
        new(name, dtype, shape, write);

    /// <summary>A copy of a tensor in another file, which must stay open until it is written.</summary>
    /// <param name="file">The file to copy from.</param>
    /// <param name="tensor">One of its tensors.</param>
    /// <param name="name">The key in the new file; by default that of <paramref name="tensor"/>.</param>
    public static SafeTensorEntry FromFile(SafeTensorFile file, SafeTensorInfo tensor, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(tensor);
        return new SafeTensorEntry(name ?? tensor.Name, tensor.DType, tensor.Shape, stream => Copy(file, tensor, stream));
    }

    /// <summary>The bytes that type and shape take.</summary>
    /// <exception cref="OverflowException">They are over 2^63-1.</exception>
    /// <exception cref="ArgumentException">Elements of 4 or 6 bits do not fill whole bytes.</exception>
    internal long GetByteCount() =>
        DTypes.ByteCount(DType, Shape.Contains(0) ? 0 : Shape.Aggregate(1L, (product, dimension) => checked(product * dimension)));

    internal void WriteTo(Stream stream) => _write(stream);

    private static void Copy(SafeTensorFile file, SafeTensorInfo tensor, Stream stream)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(tensor.ByteCount, CopyPortion));
        try
        {
            for (long done = 0; done < tensor.ByteCount;)
            {
                Span<byte> portion = buffer.AsSpan(0, (int)Math.Min(tensor.ByteCount - done, CopyPortion));
                file.Read(tensor, portion, done);
                stream.Write(portion);
                done += portion.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
