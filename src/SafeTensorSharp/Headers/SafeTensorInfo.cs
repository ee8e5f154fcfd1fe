using SharedSource.Text;
using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>One tensor as the header announces it. Elements are little-endian, in C order, without gaps.</summary>
public sealed class SafeTensorInfo
{
    private readonly long _dataOffset;
    private readonly DType _dtype;

    internal SafeTensorInfo(
        string name, DType dtype, IReadOnlyList<long> shape, long begin, long end, long dataOffset, int headerPosition)
    {
        Name = name;
        _dtype = dtype;
        Shape = shape;
        Begin = begin;
        End = end;
        _dataOffset = dataOffset;
        HeaderPosition = headerPosition;
    }

    /// <summary>The key. Any string is legal, the empty one and <c>"../x"</c> included: never use it as a path.</summary>
    public string Name { get; }

    /// <summary>The element type.</summary>
    public DType DType => _dtype;

    /// <summary>The dimensions, outermost first; empty for a scalar. A dimension may be 0.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The product of the dimensions; 1 for a scalar.</summary>
    public long ElementCount => (long)((UInt128)(ulong)ByteCount * 8 / (uint)DTypes.BitSize(_dtype));

    /// <summary>The number of bytes in the file.</summary>
    public long ByteCount => End - Begin;

    /// <summary>Where the first byte is, in bytes from the beginning of the file.</summary>
    public long FileOffset => _dataOffset + Begin;

    /// <summary>
    /// The first of <c>data_offsets</c>: where the tensor begins, in bytes from <see cref="SafeTensorHeader.DataOffset"/>.
    /// </summary>
    public long Begin { get; }

    /// <summary>
    /// The second of <c>data_offsets</c>: where the tensor ends (exclusive), in bytes from <see cref="SafeTensorHeader.DataOffset"/>.
    /// </summary>
    public long End { get; }

    /// <summary>
    /// Whether <see cref="FileOffset"/> is a multiple of the type's alignment, so that a pointer into a mapping of the file may be used
    /// as a pointer to elements. Not so in files of early writers, the published gpt2 among them.
    /// </summary>
    public bool IsAligned => FileOffset % DTypes.Alignment(_dtype) == 0;

    /// <summary>The position of the entry's <c>data_offsets</c> in the header.</summary>
    internal int HeaderPosition { get; }

    /// <summary>Name, type, shape and place, for logs and debuggers; the name is escaped.</summary>
    public override string ToString() =>
        Invariant($"{Escape.Quote(Name)} {DTypes.Name(_dtype)} [{string.Join(", ", Shape)}] at {FileOffset}, {ByteCount} bytes");
}
