using System.Buffers.Binary;
using System.Numerics;

namespace Importer.Training.Events;

/// <summary>
/// TensorFlow's record: the length, its masked CRC-32C, the content, its masked CRC-32C
/// (https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details).
/// </summary>
internal static class TfRecord
{
    private const int Overhead = sizeof(ulong) + 2 * sizeof(uint);
    private const uint MaskDelta = 0xa282ead8;

    public static byte[] Frame(ReadOnlySpan<byte> content)
    {
        byte[] record = new byte[content.Length + Overhead];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(sizeof(ulong)), MaskedCrc(record.AsSpan(0, sizeof(ulong))));
        content.CopyTo(record.AsSpan(sizeof(ulong) + sizeof(uint)));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(record.Length - sizeof(uint)), MaskedCrc(content));
        return record;
    }

    /// <summary>Rotated and moved, so that the checksum of data that holds checksums is a good one.</summary>
    public static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        uint crc = Crc32C(data);
        return ((crc >> 15) | (crc << 17)) + MaskDelta;
    }

    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        foreach (byte value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
