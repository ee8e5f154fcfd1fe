namespace CheckpointStorage.IO;

/// <summary>A new file that is written from its beginning to its end.</summary>
internal interface IStoreFileWriter : IDisposable
{
    /// <summary>Appends.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Makes the bytes durable; the file's name is its directory's affair.</summary>
    void Flush();
}
