using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PyTorchCheckpoints;

/// <summary>Reverses the bytes of elements in place.</summary>
internal static class ByteOrder
{
    public static void Swap(Span<byte> bytes, int elementSize)
    {
        switch (elementSize)
        {
            case 2:
                Span<ushort> shorts = MemoryMarshal.Cast<byte, ushort>(bytes);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                Span<uint> ints = MemoryMarshal.Cast<byte, uint>(bytes);
                BinaryPrimitives.ReverseEndianness(ints, ints);
                break;
            case 8:
                Span<ulong> longs = MemoryMarshal.Cast<byte, ulong>(bytes);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }
}
