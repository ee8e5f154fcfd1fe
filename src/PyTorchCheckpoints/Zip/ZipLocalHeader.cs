using System.Buffers.Binary;
using System.Text;
using SharedSource.Text;

namespace PyTorchCheckpoints;

/// <summary>The header before each record: it must say the same as the directory, or two readers would see two archives.</summary>
internal static class ZipLocalHeader
{
    /// <summary>Reads and checks a record's own header.</summary>
    /// <returns>Where the record's bytes begin.</returns>
    public static long FindData(ByteSource source, ZipRecord record)
    {
        byte[] name = Encoding.UTF8.GetBytes(record.Name);
        byte[] bytes = new byte[ZipFormat.LocalHeaderBytes + name.Length];
        source.ReadExactly(bytes, record.HeaderOffset);
        ReadOnlySpan<byte> header = bytes;
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != ZipFormat.LocalHeader)
        {
            throw Error("has no header where the directory says it is");
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(header[6..]) != record.Flags || BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) != 0)
        {
            throw Error("has other flags or another compression in its header than in the directory");
        }

        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header[26..]);
        if (nameLength != name.Length || !header[ZipFormat.LocalHeaderBytes..].SequenceEqual(name))
        {
            throw Error("has another name in its header than in the directory");
        }

        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        CheckSizes(header, extraLength);
        long data = record.HeaderOffset + ZipFormat.LocalHeaderBytes + nameLength + extraLength;
        return data + record.Size <= record.Bound ? data : throw Error("reaches into the next record");

        void CheckSizes(ReadOnlySpan<byte> header, int extraLength)
        {
            uint crc = BinaryPrimitives.ReadUInt32LittleEndian(header[14..]);
            uint packed = BinaryPrimitives.ReadUInt32LittleEndian(header[18..]), size = BinaryPrimitives.ReadUInt32LittleEndian(header[22..]);
            bool described = (record.Flags & ZipFormat.HasDescriptor) != 0;
            if ((crc != record.Crc && !(described && crc == 0))
                || !Agrees(packed, described, extraLength) || !Agrees(size, described, extraLength))
            {
                throw Error("has another size or checksum in its header than in the directory");
            }
        }

        bool Agrees(uint size, bool described, int extraLength) =>
            size == record.Size || (described && size == 0) || (size == ZipFormat.In64 && Has64(extraLength, described));

        bool Has64(int extraLength, bool described)
        {
            byte[] extra = new byte[extraLength];
            source.ReadExactly(extra, record.HeaderOffset + bytes.Length);
            return ZipFormat.TryFindExtra(extra, ZipFormat.Zip64Extra, out ReadOnlySpan<byte> sizes) && sizes.Length >= 16
                && Is(sizes) && Is(sizes[8..]);

            bool Is(ReadOnlySpan<byte> size) =>
                BinaryPrimitives.ReadInt64LittleEndian(size) == record.Size || (described && BinaryPrimitives.ReadInt64LittleEndian(size) == 0);
        }

        CheckpointFormatException Error(string problem) => new(
            CheckpointErrorKind.InvalidContainer, $"The record {Escape.Quote(record.Name)} {problem}",
            "The archive is damaged or was made to deceive; fetch it again from its source.", source.Path, record.HeaderOffset);
    }
}
