using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Arm = System.Runtime.Intrinsics.Arm;

namespace PyTorchCheckpoints;

/// <summary>
/// The CRC-32 of zip archives (polynomial 0xEDB88320). On x64 by carry-less multiplication: V. Gopal et al., "Fast CRC Computation for
/// Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009.
/// </summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int Slices = 8;

    private static readonly uint[] Table = CreateTable();

    /// <summary>The checksum of what <paramref name="crc"/> is the checksum of, followed by more bytes; 0 for nothing.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        if (Arm.Crc32.Arm64.IsSupported)
        {
            while (bytes.Length >= 8)
            {
                crc = Arm.Crc32.Arm64.ComputeCrc32(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
                bytes = bytes[8..];
            }
        }
        else if (Pclmulqdq.IsSupported && bytes.Length >= 128)
        {
            crc = Fold(crc, ref bytes);
        }

        return ~AppendByTable(crc, bytes);
    }

    /// <summary>The same without special instructions; begins and ends without the inversion.</summary>
    internal static uint AppendByTable(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[] table = Table;
        while (bytes.Length >= 8)
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = table[(7 << 8) | (int)(low & 0xFF)] ^ table[(6 << 8) | (int)((low >> 8) & 0xFF)]
                ^ table[(5 << 8) | (int)((low >> 16) & 0xFF)] ^ table[(4 << 8) | (int)(low >> 24)]
                ^ table[(3 << 8) | (int)(high & 0xFF)] ^ table[(2 << 8) | (int)((high >> 8) & 0xFF)]
                ^ table[(1 << 8) | (int)((high >> 16) & 0xFF)] ^ table[(int)(high >> 24)];
            bytes = bytes[8..];
        }

        foreach (byte b in bytes)
        {
            crc = (crc >> 8) ^ table[(byte)(crc ^ b)];
        }

        return crc;
    }

    // Four lanes of 16 bytes, each moved on by 64 bytes per step; at last all are folded into one, whose 16 bytes have the same
    // remainder as everything before them.
    private static uint Fold(uint crc, ref ReadOnlySpan<byte> bytes)
    {
        Vector128<ulong> by64 = Vector128.Create(0x154442BD4UL, 0x1C6E41596UL);
        Vector128<ulong> by16 = Vector128.Create(0x1751997D0UL, 0x0CCAA009EUL);
        ReadOnlySpan<Vector128<ulong>> blocks = MemoryMarshal.Cast<byte, Vector128<ulong>>(bytes);
        Vector128<ulong> a = blocks[0] ^ Vector128.CreateScalar((ulong)crc), b = blocks[1], c = blocks[2], d = blocks[3];
        int i = 4;
        for (; i + 4 <= blocks.Length; i += 4)
        {
            a = Step(a, by64) ^ blocks[i];
            b = Step(b, by64) ^ blocks[i + 1];
            c = Step(c, by64) ^ blocks[i + 2];
            d = Step(d, by64) ^ blocks[i + 3];
        }

        a = Step(a, by16) ^ b;
        a = Step(a, by16) ^ c;
        a = Step(a, by16) ^ d;
        for (; i < blocks.Length; i++)
        {
            a = Step(a, by16) ^ blocks[i];
        }

        bytes = bytes[(blocks.Length * 16)..];
        Span<byte> rest = stackalloc byte[16];
        a.AsByte().CopyTo(rest);
        return AppendByTable(0, rest);
    }

    private static Vector128<ulong> Step(Vector128<ulong> value, Vector128<ulong> constants) =>
        Pclmulqdq.CarrylessMultiply(value, constants, 0x00) ^ Pclmulqdq.CarrylessMultiply(value, constants, 0x11);

    private static uint[] CreateTable()
    {
        uint[] table = new uint[Slices * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
            }

            table[i] = value;
        }

        for (int i = 256; i < table.Length; i++)
        {
            table[i] = (table[i - 256] >> 8) ^ table[(byte)table[i - 256]];
        }

        return table;
    }
}
