using System.Buffers.Binary;
using System.Text;

namespace PyTorchCheckpoints.Tests;

/// <summary>Writes zip archives byte by byte, with any lie in them, independently of the library's writer.</summary>
internal sealed class ZipBuilder
{
    public sealed class Entry
    {
        public required string Name { get; init; }

        public required byte[] Content { get; init; }

        public string? LocalName { get; init; }

        public ushort Method { get; init; }

        public ushort Flags { get; init; }

        public uint? Crc { get; init; }

        public long? Size { get; init; }

        public long? PackedSize { get; init; }

        public uint? LocalSize { get; init; }

        public uint? HeaderOffset { get; init; }

        public ushort Disk { get; init; }

        /// <summary>Sizes in the 64-bit field of the directory.</summary>
        public long[]? Zip64 { get; init; }
    }

    public List<Entry> Entries { get; } = [];

    public byte[] Prefix { get; init; } = [];

    public byte[] Comment { get; init; } = [];

    public byte[] BeforeDirectory { get; init; } = [];

    public byte[] AfterDirectory { get; init; } = [];

    public ushort Disk { get; init; }

    public int? Count { get; init; }

    public bool Zip64End { get; init; }

    public long? Zip64Count { get; init; }

    public bool WithoutEnd { get; init; }

    /// <summary>What torch.save writes: the pickle, then storages under <c>data/</c>.</summary>
    public static ZipBuilder Checkpoint(byte[] pickle, params (string Key, byte[] Content)[] storages) =>
        new ZipBuilder().With("archive/data.pkl", pickle).Do(zip =>
        {
            foreach ((string key, byte[] content) in storages)
            {
                zip.With("archive/data/" + key, content);
            }
        });

    public ZipBuilder With(string name, byte[] content) => With(new Entry { Name = name, Content = content });

    public ZipBuilder With(Entry entry)
    {
        Entries.Add(entry);
        return this;
    }

    public ZipBuilder Do(Action<ZipBuilder> part)
    {
        part(this);
        return this;
    }

    public byte[] ToArray()
    {
        MemoryStream file = new();
        file.Write(Prefix);
        List<uint> offsets = [];
        foreach (Entry entry in Entries)
        {
            offsets.Add((uint)file.Position);
            byte[] name = Encoding.UTF8.GetBytes(entry.LocalName ?? entry.Name);
            uint size = entry.LocalSize ?? (uint)entry.Content.Length;
            Write(file, 0x04034B50u, (ushort)20, entry.Flags, entry.Method, (ushort)0, (ushort)33, CrcOf(entry), size, size, (ushort)name.Length, (ushort)0);
            file.Write(name);
            file.Write(entry.Content);
        }

        file.Write(BeforeDirectory);
        long directory = file.Position;
        for (int i = 0; i < Entries.Count; i++)
        {
            Entry entry = Entries[i];
            byte[] name = Encoding.UTF8.GetBytes(entry.Name);
            byte[] extra = Extra(entry.Zip64);
            Write(
                file, 0x02014B50u, (ushort)20, (ushort)20, entry.Flags, entry.Method, (ushort)0, (ushort)33, CrcOf(entry),
                (uint)(entry.PackedSize ?? entry.Content.Length), (uint)(entry.Size ?? entry.Content.Length), (ushort)name.Length, (ushort)extra.Length,
                (ushort)0, entry.Disk, (ushort)0, 0u, entry.HeaderOffset ?? offsets[i]);
            file.Write(name);
            file.Write(extra);
        }

        long end = file.Position;
        file.Write(AfterDirectory);
        int count = Count ?? Entries.Count;
        if (Zip64End)
        {
            long at = file.Position;
            Write(file, 0x06064B50u);
            file.Write(BitConverter.GetBytes(44L));
            Write(file, (ushort)45, (ushort)45, 0u, 0u);
            file.Write(BitConverter.GetBytes(Zip64Count ?? count));
            file.Write(BitConverter.GetBytes(Zip64Count ?? count));
            file.Write(BitConverter.GetBytes(end - directory));
            file.Write(BitConverter.GetBytes(directory));
            Write(file, 0x07064B50u, 0u);
            file.Write(BitConverter.GetBytes(at));
            Write(file, 1u);
        }

        if (!WithoutEnd)
        {
            Write(file, 0x06054B50u, Disk, (ushort)0, (ushort)count, (ushort)count, (uint)(end - directory), (uint)directory, (ushort)Comment.Length);
            file.Write(Comment);
        }

        return file.ToArray();
    }

    private static uint CrcOf(Entry entry) => entry.Crc ?? Crc32.Append(0, entry.Content);

    private static byte[] Extra(long[]? numbers)
    {
        if (numbers is null)
        {
            return [];
        }

        MemoryStream extra = new();
        Write(extra, (ushort)1, (ushort)(numbers.Length * 8));
        foreach (long number in numbers)
        {
            extra.Write(BitConverter.GetBytes(number));
        }

        return extra.ToArray();
    }

    private static void Write(Stream stream, params object[] numbers)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (object number in numbers)
        {
            if (number is ushort small)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, small);
                stream.Write(bytes[..2]);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)number);
                stream.Write(bytes);
            }
        }
    }
}
