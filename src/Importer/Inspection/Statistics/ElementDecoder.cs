using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SafeTensorSharp;

namespace Importer.Inspection.Statistics;

/// <summary>Elements of any dtype as doubles.</summary>
internal static class ElementDecoder
{
    /// <summary>Whether elements of a dtype are numbers that can be decoded: all but the 6-bit floats.</summary>
    public static bool CanDecode(DType dtype) => dtype is not (DType.F6E2M3 or DType.F6E3M2);

    /// <summary>The number of values in a run of bytes; a complex number has two.</summary>
    public static long Values(DType dtype, long bytes) => dtype == DType.C64 ? bytes / 4 : bytes * 8 / DTypes.BitSize(dtype);

    /// <summary>Decodes whole elements.</summary>
    /// <param name="bytes">The elements, little-endian.</param>
    /// <param name="dtype">Their type.</param>
    /// <param name="values">Filled completely: as many as <see cref="Values"/> says.</param>
    public static void Decode(ReadOnlySpan<byte> bytes, DType dtype, Span<double> values)
    {
        switch (dtype)
        {
            case DType.F64:
                bytes.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case DType.F32 or DType.C64:
                DTypeConverter.Convert(bytes, DType.F32, MemoryMarshal.AsBytes(values), DType.F64);
                break;
            case DType.Bool or DType.U8:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = bytes[i];
                }

                break;
            case DType.I8:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (sbyte)bytes[i];
                }

                break;
            case DType.I16:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]);
                }

                break;
            case DType.U16:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
                }

                break;
            case DType.I32:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]);
                }

                break;
            case DType.U32:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * i)..]);
                }

                break;
            case DType.I64:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * i)..]);
                }

                break;
            case DType.U64:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]);
                }

                break;
            default:
                DTypeConverter.Convert(bytes, dtype, MemoryMarshal.AsBytes(values), DType.F64);
                break;
        }
    }
}
