namespace PyTorchCheckpoints;

/// <summary>The file that storages are in, and what holds for all of them.</summary>
internal sealed class CheckpointContent(ByteSource source)
{
    public ByteSource Source { get; } = source;

    /// <summary>The length when it was opened.</summary>
    public long Length { get; } = source.Length;

    /// <summary>Whether the elements' bytes are in the other order.</summary>
    public bool IsBigEndian { get; set; }

    /// <summary>The records of a zip archive; none in a legacy file.</summary>
    public IReadOnlyCollection<ZipRecord> Records { get; set; } = [];
}
