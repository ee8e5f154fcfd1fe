using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>
/// The memory that one or several tensors look at: so many elements of one type, in a row. Tensors are tied when they look at the same
/// elements of the same storage.
/// </summary>
public abstract class TensorStorage
{
    private protected TensorStorage(string key, TorchDType dtype, long elementCount)
    {
        Key = key;
        DType = dtype;
        ElementCount = elementCount;
    }

    /// <summary>The file's name for it, such as <c>0</c>; empty for one that is not from a file.</summary>
    public string Key { get; }

    /// <summary>The element type; <see cref="TorchDType.UInt8"/> for one that the file leaves untyped.</summary>
    public TorchDType DType { get; }

    /// <summary>The number of elements.</summary>
    public long ElementCount { get; }

    /// <summary>The number of bytes.</summary>
    public long ByteCount => ElementCount * TorchDTypes.ElementSize(DType);

    /// <inheritdoc/>
    public override string ToString() => Invariant($"storage {Escape.Quote(Key)} of {ElementCount} {TorchDTypes.Name(DType)}");

    /// <summary>Writes all bytes, little-endian, of elements that take <paramref name="swapSize"/> bytes, to the stream.</summary>
    internal abstract void WriteTo(Stream stream, int swapSize);
}
