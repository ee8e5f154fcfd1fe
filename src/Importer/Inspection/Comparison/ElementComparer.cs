using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Importer.Inspection.Statistics;
using SafeTensorSharp;

namespace Importer.Inspection.Comparison;

/// <summary>Compares the elements of two tensors of the same shape, block by block.</summary>
internal sealed class ElementComparer
{
    // Even, for two F4 share a byte; small enough for both sides, raw and decoded, to stay in a second-level cache.
    private const int BlockElements = 8192;

    private readonly DType _dtypeA;
    private readonly DType _dtypeB;
    private readonly double _tolerance;
    private long _differentBits;
    private long _differentValues;
    private long _beyond;
    private long _nansA;
    private long _nansB;
    private double _largest;
    private long _largestAt = -1;
    private double _valueA;
    private double _valueB;

    private ElementComparer(DType a, DType b, double tolerance)
    {
        _dtypeA = a;
        _dtypeB = b;
        _tolerance = tolerance;
    }

    /// <summary>Compares.</summary>
    /// <param name="a">One tensor's elements.</param>
    /// <param name="dtypeA">Their type.</param>
    /// <param name="b">The other's.</param>
    /// <param name="dtypeB">Their type.</param>
    /// <param name="shape">The shape of both.</param>
    /// <param name="tolerance">The largest difference that is not counted in <see cref="ElementComparison.BeyondTolerance"/>.</param>
    /// <param name="progress">Told of bytes of both as they are done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <returns>Null for elements that are no numbers and whose types differ: they cannot be compared.</returns>
    public static ElementComparison? Compare(
        TensorElements a, DType dtypeA, TensorElements b, DType dtypeB, IReadOnlyList<long> shape, double tolerance, Action<long> progress,
        CancellationToken cancellationToken)
    {
        bool areNumbers = ElementDecoder.CanDecode(dtypeA) && ElementDecoder.CanDecode(dtypeB) && (dtypeA == DType.C64) == (dtypeB == DType.C64);
        if (!areNumbers && dtypeA != dtypeB)
        {
            return null;
        }

        // What is no number is compared byte by byte; the two floats of a complex number are a dimension of their own.
        if (!areNumbers)
        {
            long bytes = DTypes.ByteCount(dtypeA, Product(shape));
            (dtypeA, dtypeB, shape) = (DType.U8, DType.U8, [bytes]);
        }
        else if (dtypeA == DType.C64)
        {
            (dtypeA, dtypeB, shape) = (DType.F32, DType.F32, [.. shape, 2]);
        }

        var comparer = new ElementComparer(dtypeA, dtypeB, tolerance);
        comparer.Run(a, b, Product(shape), progress, cancellationToken);
        return comparer.Finish(shape);
    }

    private static long Product(IReadOnlyList<long> shape) => shape.Aggregate(1L, (product, size) => product * size);

    private void Run(TensorElements a, TensorElements b, long count, Action<long> progress, CancellationToken cancellationToken)
    {
        byte[] rawA = ArrayPool<byte>.Shared.Rent(BlockElements * 8), rawB = ArrayPool<byte>.Shared.Rent(BlockElements * 8);
        double[] valuesA = ArrayPool<double>.Shared.Rent(BlockElements), valuesB = ArrayPool<double>.Shared.Rent(BlockElements);
        try
        {
            for (long first = 0; first < count; first += BlockElements)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int elements = (int)Math.Min(BlockElements, count - first);
                var bytesA = Read(a, _dtypeA, first, elements, rawA);
                var bytesB = Read(b, _dtypeB, first, elements, rawB);
                var decodedA = valuesA.AsSpan(0, elements);
                ElementDecoder.Decode(bytesA, _dtypeA, decodedA);
                if (_dtypeA == _dtypeB && bytesA.SequenceEqual(bytesB))
                {
                    long nans = CountNaNs(decodedA);
                    _nansA += nans;
                    _nansB += nans;
                }
                else
                {
                    var decodedB = valuesB.AsSpan(0, elements);
                    ElementDecoder.Decode(bytesB, _dtypeB, decodedB);
                    CompareBits(bytesA, bytesB, elements);
                    CompareValues(bytesA, decodedA, bytesB, decodedB, first);
                }

                progress(bytesA.Length + bytesB.Length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rawA);
            ArrayPool<byte>.Shared.Return(rawB);
            ArrayPool<double>.Shared.Return(valuesA);
            ArrayPool<double>.Shared.Return(valuesB);
        }
    }

    private static ReadOnlySpan<byte> Read(TensorElements elements, DType dtype, long first, int count, byte[] buffer)
    {
        int bits = DTypes.BitSize(dtype);
        var bytes = buffer.AsSpan(0, (int)((long)count * bits / 8));
        elements.Read(first * bits / 8, bytes);
        return bytes;
    }

    private static long CountNaNs(ReadOnlySpan<double> values)
    {
        var vectors = MemoryMarshal.Cast<double, Vector<double>>(values);
        var equal = Vector<long>.Zero;
        foreach (var vector in vectors)
        {
            equal -= Vector.Equals(vector, vector);
        }

        long nans = (long)vectors.Length * Vector<double>.Count - Vector.Sum(equal);
        foreach (double value in values[(vectors.Length * Vector<double>.Count)..])
        {
            nans += double.IsNaN(value) ? 1 : 0;
        }

        return nans;
    }

    private void CompareBits(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, int elements)
    {
        if (_dtypeA != _dtypeB)
        {
            return;
        }

        int bits = DTypes.BitSize(_dtypeA);
        for (int i = 0; i < elements; i++)
        {
            bool differ = bits == 4
                ? ((a[i / 2] ^ b[i / 2]) >> (4 * (i % 2)) & 15) != 0
                : !a.Slice(i * bits / 8, bits / 8).SequenceEqual(b.Slice(i * bits / 8, bits / 8));
            _differentBits += differ ? 1 : 0;
        }
    }

    private void CompareValues(ReadOnlySpan<byte> rawA, ReadOnlySpan<double> a, ReadOnlySpan<byte> rawB, ReadOnlySpan<double> b, long first)
    {
        bool isWide = _dtypeA is DType.I64 or DType.U64 || _dtypeB is DType.I64 or DType.U64;
        for (int i = 0; i < a.Length; i++)
        {
            double x = a[i], y = b[i];
            bool isNaNA = double.IsNaN(x), isNaNB = double.IsNaN(y);
            _nansA += isNaNA ? 1 : 0;
            _nansB += isNaNB ? 1 : 0;
            double difference = x == y || (isNaNA && isNaNB) ? 0
                : double.IsFinite(x) && double.IsFinite(y) ? Math.Abs(x - y)
                : double.PositiveInfinity;
            if (isWide && Integer(rawA, _dtypeA, i) is { } wideA && Integer(rawB, _dtypeB, i) is { } wideB)
            {
                // Doubles have no digits for the lowest bits.
                difference = (double)Int128.Abs(wideA - wideB);
            }

            if (difference == 0)
            {
                continue;
            }

            _differentValues++;
            _beyond += difference > _tolerance ? 1 : 0;
            if (difference > _largest)
            {
                (_largest, _largestAt, _valueA, _valueB) = (difference, first + i, x, y);
            }
        }
    }

    private static Int128? Integer(ReadOnlySpan<byte> raw, DType dtype, int i) => dtype switch
    {
        DType.I64 => BinaryPrimitives.ReadInt64LittleEndian(raw[(8 * i)..]),
        DType.U64 => BinaryPrimitives.ReadUInt64LittleEndian(raw[(8 * i)..]),
        DType.I32 => BinaryPrimitives.ReadInt32LittleEndian(raw[(4 * i)..]),
        DType.U32 => BinaryPrimitives.ReadUInt32LittleEndian(raw[(4 * i)..]),
        DType.I16 => BinaryPrimitives.ReadInt16LittleEndian(raw[(2 * i)..]),
        DType.U16 => BinaryPrimitives.ReadUInt16LittleEndian(raw[(2 * i)..]),
        DType.I8 => (sbyte)raw[i],
        DType.U8 or DType.Bool => raw[i],
        _ => null,
    };

    private ElementComparison Finish(IReadOnlyList<long> shape) => new()
    {
        Count = Product(shape),
        DifferentBits = _dtypeA == _dtypeB ? _differentBits : null,
        DifferentValues = _differentValues,
        BeyondTolerance = _beyond,
        LargestDifference = _largest,
        LargestAt = _largestAt < 0 ? null : Index(_largestAt, shape),
        ValueInA = _largestAt < 0 ? null : _valueA,
        ValueInB = _largestAt < 0 ? null : _valueB,
        NaNsInA = _nansA,
        NaNsInB = _nansB,
    };

    private static long[] Index(long at, IReadOnlyList<long> shape)
    {
        long[] index = new long[shape.Count];
        for (int i = shape.Count - 1; i >= 0; i--)
        {
            (at, index[i]) = Math.DivRem(at, shape[i]);
        }

        return index;
    }
}
