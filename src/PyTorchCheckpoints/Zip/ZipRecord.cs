namespace PyTorchCheckpoints;

/// <summary>One record of a zip archive, as its central directory tells.</summary>
/// <param name="Name">The name, with <c>/</c> between its parts.</param>
/// <param name="HeaderOffset">Where the record's own header is in the file.</param>
/// <param name="Size">The number of bytes, which are stored as they are.</param>
/// <param name="Crc">The bytes' CRC-32.</param>
/// <param name="Flags">The general purpose flags.</param>
internal sealed record ZipRecord(string Name, long HeaderOffset, long Size, uint Crc, ushort Flags)
{
    private long _dataOffset = -1;

    /// <summary>Where the next record's header or the central directory begins: the record ends before.</summary>
    public long Bound { get; set; }

    /// <summary>Where the bytes begin; the record's own header is read and compared with the directory the first time.</summary>
    /// <exception cref="CheckpointException">The header is not there, is another record's, or its bytes do not fit.</exception>
    public long GetDataOffset(ByteSource source)
    {
        long known = Volatile.Read(ref _dataOffset);
        if (known < 0)
        {
            known = ZipLocalHeader.FindData(source, this);
            Volatile.Write(ref _dataOffset, known);
        }

        return known;
    }
}
