using System.Numerics;
using System.Runtime.InteropServices;
using Importer.Mapping;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Export;

/// <summary>Looks, before anything is written, whether the dtype to write holds every finite number of the parameters.</summary>
internal static class RangeCheck
{
    private const int BlockBytes = 1 << 20;

    // The midpoint between the largest finite number and the next power of two: from there on, rounding to nearest gives infinity.
    private const float HalfLimit = 65_520;
    private const uint BrainLimit = 0x7F7F_8000;
    private static readonly double SingleLimit = Math.ScaleB(1, 128) - Math.ScaleB(1, 103);

    /// <summary>Bytes that <see cref="Require"/> would read.</summary>
    public static long BytesToRead(ExportPlan plan) => Sources(plan).Sum(item => item.Source.ByteCount);

    /// <summary>Reads what could overflow.</summary>
    /// <param name="plan">What is to be written.</param>
    /// <param name="parameters">What it is made of.</param>
    /// <param name="name">What to call the model.</param>
    /// <param name="progress">Told of bytes as they are done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="DTypeOverflowException">Some numbers would become infinite; all parameters that hold such are listed.</exception>
    public static void Require(ExportPlan plan, TensorSource parameters, string name, Action<long> progress, CancellationToken cancellationToken)
    {
        List<DTypeOverflow> overflows = [];
        DType dtype = default;
        byte[] block = new byte[BlockBytes];
        foreach ((SourceTensor source, DType target) in Sources(plan))
        {
            long count = 0;
            double largest = 0;
            for (long offset = 0; offset < source.ByteCount; offset += BlockBytes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Span<byte> bytes = block.AsSpan(0, (int)Math.Min(BlockBytes, source.ByteCount - offset));
                parameters.Read(source, offset, bytes);
                (long more, double most) = Scan(bytes, source.DType, target);
                (count, largest) = (count + more, Math.Max(largest, most));
                progress(bytes.Length);
            }

            if (count > 0)
            {
                overflows.Add(new DTypeOverflow(source.Name, count, largest));
                dtype = target;
            }
        }

        if (overflows.Count > 0)
        {
            throw new DTypeOverflowException(name, dtype, overflows);
        }
    }

    private static List<(SourceTensor Source, DType Target)> Sources(ExportPlan plan) =>
    [
        .. plan.Rows.SelectMany(row => row.Sources.Select(source => (Source: source, Target: row.DType)))
            .Where(item => CanOverflow(item.Source.DType, item.Target)).DistinctBy(item => item.Source.Name),
    ];

    private static bool CanOverflow(DType from, DType to) => (from, to) is
        (DType.F64, DType.F32 or DType.F16 or DType.BF16) or (DType.F32, DType.F16 or DType.BF16) or (DType.BF16, DType.F16);

    private static (long Count, double Largest) Scan(ReadOnlySpan<byte> bytes, DType from, DType to)
    {
        double limit = to switch
        {
            DType.F16 => HalfLimit,
            DType.BF16 => BitConverter.UInt32BitsToSingle(BrainLimit),
            _ => SingleLimit,
        };
        switch (from)
        {
            case DType.F64:
                var (doubles, most64) = Scan(MemoryMarshal.Cast<byte, ulong>(bytes), BitConverter.DoubleToUInt64Bits(limit), 0x7FF0UL << 48, ulong.MaxValue >> 1);
                return (doubles, BitConverter.UInt64BitsToDouble(most64));
            case DType.F32:
                var (singles, most32) = Scan(MemoryMarshal.Cast<byte, uint>(bytes), BitConverter.SingleToUInt32Bits((float)limit), 0x7F80_0000U, uint.MaxValue >> 1);
                return (singles, BitConverter.UInt32BitsToSingle(most32));
            default:
                // 65,520 lies between two numbers of BF16: the upper one is the first that is too large.
                ushort first = (ushort)((BitConverter.SingleToUInt32Bits((float)limit) + 0xFFFF) >> 16);
                var (brains, most16) = Scan<ushort>(MemoryMarshal.Cast<byte, ushort>(bytes), first, 0x7F80, 0x7FFF);
                return (brains, BitConverter.UInt32BitsToSingle((uint)most16 << 16));
        }
    }

    // The bits of a float without its sign are in the order of the numbers.
    private static (long Count, T Largest) Scan<T>(ReadOnlySpan<T> elements, T limit, T infinity, T magnitude)
        where T : unmanaged, IBinaryInteger<T>
    {
        long count = 0;
        T largest = T.Zero;
        foreach (T element in elements)
        {
            T bits = element & magnitude;
            if (bits >= limit && bits < infinity)
            {
                count++;
                largest = T.Max(largest, bits);
            }
        }

        return (count, largest);
    }
}
