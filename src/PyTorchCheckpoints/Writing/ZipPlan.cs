using System.Buffers.Binary;
using System.Text;

namespace PyTorchCheckpoints;

/// <summary>
/// The layout of an archive: as <c>torch.save</c> lays it out, records stored as they are, each beginning at a multiple of 64 bytes,
/// with a descriptor behind it, so that the file is written from its beginning to its end. All of it follows from names and sizes.
/// </summary>
internal sealed class ZipPlan
{
    private const int Alignment = 64;
    private const int Zip64Bytes = 20;
    private const ushort Version = 20;
    private const ushort Version64 = 45;
    private const ushort Flags = ZipFormat.HasDescriptor | ZipFormat.Utf8Name;

    // 1980-01-01, the format's first day: the same content gives the same file.
    private const ushort Date = 0x0021;

    private readonly List<Entry> _entries = [];

    /// <summary>One record: its name, where its header and its bytes begin, and how many there are.</summary>
    public sealed record Entry(byte[] Name, long HeaderOffset, long DataOffset, long Size)
    {
        public bool IsLarge => Size >= ZipFormat.In64;

        public long End => DataOffset + Size + (IsLarge ? 24 : 16);
    }

    /// <summary>Where the next record's header begins, or the directory when there is none.</summary>
    public long End => _entries.Count == 0 ? 0 : _entries[^1].End;

    /// <summary>The length of the whole file.</summary>
    public long FileLength => End + _entries.Sum(entry => (long)DirectoryEntryLength(entry))
        + ZipFormat.Directory64EndBytes + ZipFormat.Directory64LocatorBytes + ZipFormat.DirectoryEndBytes;

    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>Adds a record behind the others.</summary>
    public Entry Add(string name, long size)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        long header = End;
        long least = header + ZipFormat.LocalHeaderBytes + bytes.Length + 4 + (size >= ZipFormat.In64 ? Zip64Bytes : 0);
        Entry entry = new(bytes, header, (least + Alignment - 1) / Alignment * Alignment, size);
        _entries.Add(entry);
        return entry;
    }

    /// <summary>What stands before a record's bytes.</summary>
    public static byte[] LocalHeader(Entry entry)
    {
        byte[] bytes = new byte[entry.DataOffset - entry.HeaderOffset];
        Span<byte> header = bytes;
        uint size = entry.IsLarge ? ZipFormat.In64 : 0;
        BinaryPrimitives.WriteUInt32LittleEndian(header, ZipFormat.LocalHeader);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], entry.IsLarge ? Version64 : Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(header[12..], Date);
        BinaryPrimitives.WriteUInt32LittleEndian(header[18..], size);
        BinaryPrimitives.WriteUInt32LittleEndian(header[22..], size);
        BinaryPrimitives.WriteUInt16LittleEndian(header[26..], (ushort)entry.Name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[28..], (ushort)(bytes.Length - ZipFormat.LocalHeaderBytes - entry.Name.Length));
        entry.Name.CopyTo(header[ZipFormat.LocalHeaderBytes..]);
        Span<byte> extra = header[(ZipFormat.LocalHeaderBytes + entry.Name.Length)..];
        if (entry.IsLarge)
        {
            extra = Write64(extra, entry.Size, entry.Size);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(extra, ZipFormat.PaddingExtra);
        BinaryPrimitives.WriteUInt16LittleEndian(extra[2..], (ushort)(extra.Length - 4));
        extra[4..].Fill((byte)'Z');
        return bytes;
    }

    /// <summary>What stands behind a record's bytes.</summary>
    public static byte[] Descriptor(Entry entry, uint crc)
    {
        byte[] bytes = new byte[entry.End - entry.DataOffset - entry.Size];
        Span<byte> descriptor = bytes;
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor, ZipFormat.DataDescriptor);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor[4..], crc);
        if (entry.IsLarge)
        {
            BinaryPrimitives.WriteInt64LittleEndian(descriptor[8..], entry.Size);
            BinaryPrimitives.WriteInt64LittleEndian(descriptor[16..], entry.Size);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(descriptor[8..], (uint)entry.Size);
            BinaryPrimitives.WriteUInt32LittleEndian(descriptor[12..], (uint)entry.Size);
        }

        return bytes;
    }

    /// <summary>The directory with its ends, the last bytes of the file.</summary>
    public byte[] Directory(IReadOnlyList<uint> checksums)
    {
        byte[] bytes = new byte[FileLength - End];
        Span<byte> rest = bytes;
        for (int i = 0; i < _entries.Count; i++)
        {
            WriteDirectoryEntry(rest, _entries[i], checksums[i]);
            rest = rest[DirectoryEntryLength(_entries[i])..];
        }

        WriteEnds(rest, bytes.Length - rest.Length);
        return bytes;
    }

    private static int DirectoryEntryLength(Entry entry) =>
        ZipFormat.DirectoryEntryBytes + entry.Name.Length + (entry.IsLarge ? Zip64Bytes : 0)
        + (entry.HeaderOffset >= ZipFormat.In64 ? entry.IsLarge ? 8 : 12 : 0);

    private static void WriteDirectoryEntry(Span<byte> bytes, Entry entry, uint crc)
    {
        bool isFar = entry.HeaderOffset >= ZipFormat.In64;
        ushort version = entry.IsLarge || isFar ? Version64 : Version;
        uint size = entry.IsLarge ? ZipFormat.In64 : (uint)entry.Size;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, ZipFormat.DirectoryEntry);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], version);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], version);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[14..], Date);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], crc);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], size);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], size);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[28..], (ushort)entry.Name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(
            bytes[30..], (ushort)(DirectoryEntryLength(entry) - ZipFormat.DirectoryEntryBytes - entry.Name.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[42..], isFar ? ZipFormat.In64 : (uint)entry.HeaderOffset);
        entry.Name.CopyTo(bytes[ZipFormat.DirectoryEntryBytes..]);
        Span<byte> extra = bytes[(ZipFormat.DirectoryEntryBytes + entry.Name.Length)..];
        switch (entry.IsLarge, isFar)
        {
            case (true, true):
                Write64(extra, entry.Size, entry.Size, entry.HeaderOffset);
                break;
            case (true, false):
                Write64(extra, entry.Size, entry.Size);
                break;
            case (false, true):
                Write64(extra, entry.HeaderOffset);
                break;
        }
    }

    private void WriteEnds(Span<byte> bytes, int directoryLength)
    {
        long end64 = End + directoryLength;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, ZipFormat.Directory64End);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[4..], ZipFormat.Directory64EndBytes - 12);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[12..], Version64);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[14..], Version64);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], _entries.Count);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], _entries.Count);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], directoryLength);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], End);
        bytes = bytes[ZipFormat.Directory64EndBytes..];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, ZipFormat.Directory64Locator);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], end64);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], 1);
        bytes = bytes[ZipFormat.Directory64LocatorBytes..];
        ushort count = (ushort)Math.Min(_entries.Count, ushort.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, ZipFormat.DirectoryEnd);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], count);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[10..], count);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], (uint)Math.Min(directoryLength, ZipFormat.In64));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], (uint)Math.Min(End, ZipFormat.In64));
    }

    private static Span<byte> Write64(Span<byte> extra, params ReadOnlySpan<long> numbers)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(extra, ZipFormat.Zip64Extra);
        BinaryPrimitives.WriteUInt16LittleEndian(extra[2..], (ushort)(numbers.Length * 8));
        extra = extra[4..];
        foreach (long number in numbers)
        {
            BinaryPrimitives.WriteInt64LittleEndian(extra, number);
            extra = extra[8..];
        }

        return extra;
    }
}
