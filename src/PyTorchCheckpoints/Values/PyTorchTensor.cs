using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>
/// A tensor: which elements of a storage it looks at, and in what order. Its bytes are read from an open <see cref="PyTorchCheckpoint"/>
/// when they are asked for, or come from a program when it is to be written.
/// </summary>
public sealed class PyTorchTensor : CheckpointValue
{
    internal PyTorchTensor(
        TensorStorage storage, TorchDType dtype, long[] shape, long[] stride, long storageOffset, bool requiresGrad, bool isParameter,
        string? name = null)
    {
        Storage = storage;
        DType = dtype;
        Shape = shape;
        Stride = stride;
        StorageOffset = storageOffset;
        RequiresGrad = requiresGrad;
        IsParameter = isParameter;
        Name = name;
        ElementCount = TensorShape.ElementCount(shape);
        IsContiguous = TensorShape.IsContiguous(shape, stride, ElementCount);
    }

    /// <inheritdoc/>
    public override CheckpointValueKind Kind => CheckpointValueKind.Tensor;

    /// <summary>The key in the state dict; null for a tensor elsewhere, such as in an optimizer's state.</summary>
    public string? Name { get; }

    /// <summary>The element type.</summary>
    public TorchDType DType { get; }

    /// <summary>The dimensions, outermost first; empty for a scalar. A dimension may be 0.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>For each dimension, how many elements of the storage lie from one index to the next; from 0.</summary>
    public IReadOnlyList<long> Stride { get; }

    /// <summary>The first element's place in the storage, in elements of <see cref="DType"/>.</summary>
    public long StorageOffset { get; }

    /// <summary>The storage, which other tensors may share.</summary>
    public TensorStorage Storage { get; }

    /// <summary>Whether autograd was to follow it.</summary>
    public bool RequiresGrad { get; }

    /// <summary>
    /// Whether it was saved as a <c>torch.nn.Parameter</c>; a state dict's tensors are not, although most are parameters.
    /// </summary>
    public bool IsParameter { get; }

    /// <summary>The product of the dimensions; 1 for a scalar.</summary>
    public long ElementCount { get; }

    /// <summary>The bytes that the elements take, each counted as often as the shape has it.</summary>
    public long ByteCount => ElementCount * TorchDTypes.ElementSize(DType);

    /// <summary>Whether the elements lie in the storage in C order without gaps, so that the bytes are one range of the file.</summary>
    public bool IsContiguous { get; }

    /// <summary>A tensor to be written whose bytes are in memory; they are read when it is written, not before.</summary>
    /// <param name="dtype">The element type.</param>
    /// <param name="shape">The dimensions, outermost first; empty for a scalar.</param>
    /// <param name="data">The elements in C order, little-endian.</param>
    public static PyTorchTensor FromBytes(TorchDType dtype, IEnumerable<long> shape, ReadOnlyMemory<byte> data) =>
        FromWriter(dtype, shape, stream => stream.Write(data.Span));

    /// <summary>A tensor to be written whose bytes are in native memory, which must stay valid until it is written.</summary>
    /// <param name="dtype">The element type.</param>
    /// <param name="shape">The dimensions, outermost first; empty for a scalar.</param>
    /// <param name="data">The address of the elements in C order, little-endian.</param>
    /// <param name="byteCount">How many bytes are there.</param>
    public static unsafe PyTorchTensor FromPointer(TorchDType dtype, IEnumerable<long> shape, nint data, long byteCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        if (data == 0 && byteCount > 0)
        {
            throw new ArgumentNullException(nameof(data));
        }

        return FromWriter(dtype, shape, stream =>
        {
            const int portion = 1 << 30;
            for (long done = 0; done < byteCount; done += portion)
            {
                stream.Write(new ReadOnlySpan<byte>((byte*)data + done, (int)Math.Min(portion, byteCount - done)));
            }
        });
    }

    /// <summary>
    /// A tensor to be written whose bytes are made while it is written. Where the same object stands at several places of what is
    /// written, all of them share one storage in the file: tied weights stay tied.
    /// </summary>
    /// <param name="dtype">The element type.</param>
    /// <param name="shape">The dimensions, outermost first; empty for a scalar.</param>
    /// <param name="write">
    /// Writes exactly the tensor's bytes, in C order and little-endian, to the stream that it is given; called once per file, on the
    /// writing thread. Portions of any size will do; large ones go to disk without being copied. Its exceptions pass through the writer
    /// unchanged.
    /// </param>
    /// <exception cref="ArgumentException">A dimension is negative, or the bytes are over 2^63-1.</exception>
    public static PyTorchTensor FromWriter(TorchDType dtype, IEnumerable<long> shape, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(write);
        long[] dimensions = [.. shape];
        if (!TensorShape.TryCount(dimensions, TorchDTypes.ElementSize(dtype), out long count))
        {
            throw new ArgumentException(
                $"The shape [{string.Join(", ", dimensions)}] has a negative dimension or is too large.", nameof(shape));
        }

        return new PyTorchTensor(
            new WrittenStorage(dtype, count, write), dtype, dimensions, TensorShape.ContiguousStride(dimensions), 0, requiresGrad: false,
            isParameter: false);
    }

    /// <summary>Whether both are the same elements of the same storage in the same order: tied weights.</summary>
    public bool IsTiedTo(PyTorchTensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ReferenceEquals(Storage, other.Storage) && StorageOffset == other.StorageOffset && DType == other.DType
            && Shape.SequenceEqual(other.Shape) && Stride.SequenceEqual(other.Stride);
    }

    /// <summary>Name, type and shape, for logs and debuggers; the name is escaped.</summary>
    public override string ToString() =>
        Invariant($"{(Name is null ? "tensor" : Escape.Quote(Name))} {TorchDTypes.Name(DType)} [{string.Join(", ", Shape)}]");

    internal PyTorchTensor Named(string name) => new(
        Storage, DType, (long[])Shape, (long[])Stride, StorageOffset, RequiresGrad, IsParameter, name);

    internal PyTorchTensor AsParameter(bool requiresGrad) => new(
        Storage, DType, (long[])Shape, (long[])Stride, StorageOffset, requiresGrad, isParameter: true, Name);
}
