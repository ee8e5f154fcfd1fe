namespace CheckpointStorage.IO;

/// <summary>A file that is read.</summary>
internal interface IStoreFileReader : IDisposable
{
    /// <summary>The length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads what is there at an offset.</summary>
    /// <returns>How many bytes; 0 at the end only.</returns>
    int Read(Span<byte> buffer, long offset);
}
