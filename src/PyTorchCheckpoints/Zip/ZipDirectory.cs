using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>
/// The central directory of a zip archive, read from the file's end, and checked for being the only one: records begin at the file's
/// first byte, do not overlap, and nothing stands behind the directory's end.
/// </summary>
internal sealed class ZipDirectory
{
    private const string Remedy = "The archive is damaged or was made to deceive; fetch it again from its source.";
    private const int MaxCommentBytes = ushort.MaxValue;

    private readonly ByteSource _source;
    private readonly CheckpointLimits _limits;
    private readonly Dictionary<string, ZipRecord> _byName = new(StringComparer.Ordinal);
    private readonly long _length;

    private ZipDirectory(ByteSource source, CheckpointLimits limits)
    {
        _source = source;
        _limits = limits;
        _length = source.Length;
    }

    /// <summary>The records by their names.</summary>
    public IReadOnlyDictionary<string, ZipRecord> Records => _byName;

    /// <summary>Reads the directory; of the records themselves nothing is read.</summary>
    public static ZipDirectory Read(ByteSource source, CheckpointLimits limits)
    {
        ZipDirectory directory = new(source, limits);
        (long offset, long size, long count) = directory.FindDirectory();
        directory.ReadEntries(offset, size, count);
        directory.CheckPlaces(offset);
        return directory;
    }

    private (long Offset, long Size, long Count) FindDirectory()
    {
        Span<byte> end = stackalloc byte[ZipFormat.DirectoryEndBytes];
        long at = _length - end.Length;
        if (at < 0)
        {
            throw NoEnd();
        }

        _source.ReadExactly(end, at);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != ZipFormat.DirectoryEnd)
        {
            throw EndsWithComment() ? Error("Something stands behind the archive's directory, such as a comment", at) : NoEnd();
        }

        uint disks = BinaryPrimitives.ReadUInt32LittleEndian(end[4..]);
        long entries = BinaryPrimitives.ReadUInt16LittleEndian(end[8..]), total = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]), offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) != 0)
        {
            throw Error("The archive's comment is cut", at);
        }

        if (disks != 0 || entries != total)
        {
            throw Error("The archive spans several disks", at, CheckpointErrorKind.UnsupportedContainer);
        }

        long limit = at;
        Span<byte> locator = stackalloc byte[ZipFormat.Directory64LocatorBytes];
        if (at >= locator.Length)
        {
            _source.ReadExactly(locator, at - locator.Length);
            if (BinaryPrimitives.ReadUInt32LittleEndian(locator) == ZipFormat.Directory64Locator)
            {
                limit = ReadDirectory64(locator, at - locator.Length, ref entries, ref size, ref offset);
            }
        }

        return offset + size == limit
            ? (offset, size, entries)
            : throw Error(Invariant($"The archive's directory is told to be {size} bytes at {offset}, and its end is at {limit}"), at);
    }

    // Where both the old and the 64-bit fields hold a number, they must hold the same.
    private long ReadDirectory64(ReadOnlySpan<byte> locator, long locatorAt, ref long entries, ref long size, ref long offset)
    {
        long at = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator[4..]) != 0 || BinaryPrimitives.ReadUInt32LittleEndian(locator[16..]) > 1)
        {
            throw Error("The archive spans several disks", locatorAt, CheckpointErrorKind.UnsupportedContainer);
        }

        Span<byte> end = stackalloc byte[ZipFormat.Directory64EndBytes];
        if (at != locatorAt - end.Length)
        {
            throw Error("The 64-bit directory end is not before its locator", locatorAt);
        }

        _source.ReadExactly(end, at);
        long entries64 = BinaryPrimitives.ReadInt64LittleEndian(end[32..]), size64 = BinaryPrimitives.ReadInt64LittleEndian(end[40..]);
        long offset64 = BinaryPrimitives.ReadInt64LittleEndian(end[48..]);
        bool valid = BinaryPrimitives.ReadUInt32LittleEndian(end) == ZipFormat.Directory64End
            && BinaryPrimitives.ReadInt64LittleEndian(end[4..]) == end.Length - 12 && BinaryPrimitives.ReadInt64LittleEndian(end[16..]) == 0
            && BinaryPrimitives.ReadInt64LittleEndian(end[24..]) == entries64 && entries64 >= 0 && size64 >= 0 && offset64 >= 0
            && size64 <= at && offset64 <= at
            && (entries == ushort.MaxValue || entries == entries64) && (size == ZipFormat.In64 || size == size64)
            && (offset == ZipFormat.In64 || offset == offset64);
        if (!valid)
        {
            throw Error("The 64-bit directory end is not valid or contradicts the other one", at);
        }

        (entries, size, offset) = (entries64, size64, offset64);
        return at;
    }

    private void ReadEntries(long offset, long size, long count)
    {
        if (count > _limits.MaxRecords)
        {
            throw new CheckpointLimitException(
                "The number of records", nameof(CheckpointLimits.MaxRecords), count, _limits.MaxRecords, _source.Path, offset);
        }

        if (size > _limits.MaxPickleBytes)
        {
            throw new CheckpointLimitException(
                "The length of the archive's directory in bytes", nameof(CheckpointLimits.MaxPickleBytes), size,
                _limits.MaxPickleBytes, _source.Path, offset);
        }

        if (count * ZipFormat.DirectoryEntryBytes > size)
        {
            throw Error(Invariant($"The archive's directory of {size} bytes is told to have {count} entries"), offset);
        }

        ByteInput input = new(_source, offset, offset + size);
        for (long i = 0; i < count; i++)
        {
            ZipRecord record = ReadEntry(input);
            if (!_byName.TryAdd(record.Name, record))
            {
                throw Error($"The record {Escape.Quote(record.Name)} is there twice", input.Position);
            }
        }

        if (input.Remaining > 0)
        {
            throw Error("There is something between the directory's entries and its end", input.Position);
        }
    }

    private ZipRecord ReadEntry(ByteInput input)
    {
        long at = input.Position;
        ReadOnlySpan<byte> entry = input.Read(ZipFormat.DirectoryEntryBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(entry) != ZipFormat.DirectoryEntry)
        {
            throw Error("An entry of the archive's directory is not one", at);
        }

        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(entry[8..]), method = BinaryPrimitives.ReadUInt16LittleEndian(entry[10..]);
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]);
        long packed = BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]), size = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(entry[28..]), extraLength = BinaryPrimitives.ReadUInt16LittleEndian(entry[30..]);
        int commentLength = BinaryPrimitives.ReadUInt16LittleEndian(entry[32..]), disk = BinaryPrimitives.ReadUInt16LittleEndian(entry[34..]);
        long header = BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]);
        ReadOnlySpan<byte> rest = input.Read(nameLength + extraLength + commentLength);
        if (!Utf8.IsValid(rest[..nameLength]))
        {
            throw Error("The name of a record is not valid UTF-8", at);
        }

        string name = Encoding.UTF8.GetString(rest[..nameLength]);
        Read64(rest.Slice(nameLength, extraLength));
        if ((flags & ZipFormat.Encrypted) != 0)
        {
            throw Unsupported("is encrypted");
        }

        if (method != 0)
        {
            throw Unsupported("is compressed, which torch.save never does");
        }

        if (disk != 0 || (flags & ~(ZipFormat.HasDescriptor | ZipFormat.Utf8Name)) != 0)
        {
            throw Unsupported("uses features that checkpoints never have");
        }

        return packed == size
            ? new ZipRecord(name, header, size, crc, flags)
            : throw Error($"The record {Escape.Quote(name)} is stored as it is and has two sizes", at);

        void Read64(ReadOnlySpan<byte> extra)
        {
            if (size != ZipFormat.In64 && packed != ZipFormat.In64 && header != ZipFormat.In64)
            {
                return;
            }

            _ = ZipFormat.TryFindExtra(extra, ZipFormat.Zip64Extra, out ReadOnlySpan<byte> numbers);
            size = Take(size, ref numbers);
            packed = Take(packed, ref numbers);
            header = Take(header, ref numbers);
        }

        long Take(long number, ref ReadOnlySpan<byte> numbers)
        {
            if (number != ZipFormat.In64)
            {
                return number;
            }

            long value = numbers.Length < 8 ? -1 : BinaryPrimitives.ReadInt64LittleEndian(numbers);
            if (value < 0)
            {
                throw Error($"The record {Escape.Quote(name)} lacks its 64-bit numbers", at);
            }

            numbers = numbers[8..];
            return value;
        }

        CheckpointFormatException Unsupported(string what) => Error(
            $"The record {Escape.Quote(name)} {what}", at, CheckpointErrorKind.UnsupportedContainer, "Save the checkpoint again with torch.save.");
    }

    private void CheckPlaces(long directoryOffset)
    {
        ZipRecord[] inOrder = [.. _byName.Values.OrderBy(record => record.HeaderOffset)];
        for (int i = 0; i < inOrder.Length; i++)
        {
            ZipRecord record = inOrder[i];
            record.Bound = i + 1 < inOrder.Length ? inOrder[i + 1].HeaderOffset : directoryOffset;
            long least = ZipFormat.LocalHeaderBytes + Encoding.UTF8.GetByteCount(record.Name);
            if (record.HeaderOffset > record.Bound - least || record.Size > record.Bound - least - record.HeaderOffset)
            {
                throw Error(
                    $"The record {Escape.Quote(record.Name)} reaches into the next one or beyond the file",
                    Math.Min(record.HeaderOffset, directoryOffset));
            }
        }

        if (inOrder.Length > 0 && inOrder[0].HeaderOffset != 0)
        {
            throw Error("Something stands before the archive's first record", 0);
        }
    }

    // Only to say what is wrong.
    private bool EndsWithComment()
    {
        byte[] tail = new byte[Math.Min(_length, ZipFormat.DirectoryEndBytes + MaxCommentBytes)];
        _source.ReadExactly(tail, _length - tail.Length);
        int at = tail.AsSpan().LastIndexOf("PK\x05\x06"u8);
        return at >= 0 && tail.Length - at >= ZipFormat.DirectoryEndBytes;
    }

    private CheckpointFormatException NoEnd() => new(
        CheckpointErrorKind.Truncated, "The file begins as a zip archive and has no directory at its end", "The download is incomplete; fetch it again.",
        _source.Path, _length);

    private CheckpointFormatException Error(
        string problem, long position, CheckpointErrorKind kind = CheckpointErrorKind.InvalidContainer, string remedy = Remedy) =>
        new(kind, problem, remedy, _source.Path, position);
}
