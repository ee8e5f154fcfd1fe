namespace CheckpointStorage.IO;

/// <summary>What a directory says of one of its names.</summary>
/// <param name="Name">The name, without a path.</param>
/// <param name="IsDirectory">Whether it is a directory itself, not a link to one.</param>
/// <param name="Length">A file's length in bytes; 0 for anything else.</param>
internal readonly record struct StoreEntry(string Name, bool IsDirectory, long Length);
