using System.Runtime.InteropServices;
using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>Unsigned integers, which TorchSharp lacks, to the signed type that holds them.</summary>
internal static class IntegerConversion
{
    public static void Widen(ReadOnlySpan<byte> source, DType from, Span<byte> destination)
    {
        switch (from)
        {
            case DType.U16:
                WidenU16(MemoryMarshal.Cast<byte, ushort>(source), MemoryMarshal.Cast<byte, int>(destination));
                break;
            case DType.U32:
                WidenU32(MemoryMarshal.Cast<byte, uint>(source), MemoryMarshal.Cast<byte, long>(destination));
                break;
            default:
                CheckU64(MemoryMarshal.Cast<byte, long>(source));
                source.CopyTo(destination);
                break;
        }
    }

    private static void WidenU16(ReadOnlySpan<ushort> source, Span<int> destination)
    {
        for (int i = 0; i < source.Length; i++)
        {
            destination[i] = source[i];
        }
    }

    private static void WidenU32(ReadOnlySpan<uint> source, Span<long> destination)
    {
        for (int i = 0; i < source.Length; i++)
        {
            destination[i] = source[i];
        }
    }

    private static void CheckU64(ReadOnlySpan<long> source)
    {
        int index = source.IndexOfAnyInRange(long.MinValue, -1);
        if (index >= 0)
        {
            throw new SafeTensorDataException(
                SafeTensorErrorKind.ValueOutOfRange,
                Invariant($"Element {index} is {(ulong)source[index]}, which I64 cannot hold"),
                "Keep the tensor as U64.",
                path: null,
                position: null,
                tensorName: null,
                index);
        }
    }
}
