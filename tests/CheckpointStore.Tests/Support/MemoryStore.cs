namespace CheckpointStorage.Tests;

/// <summary>A store in memory, for what does not depend on a disk.</summary>
internal static class MemoryStore
{
    public static string Root { get; } = Path.GetFullPath("/store");

    public static ModelFileSystem Files() => new(Root);

    public static CheckpointStore Open(ModelFileSystem files, CheckpointStoreOptions? options = null) => CheckpointStore.Open(Root, options, files);

    public static CheckpointStoreOptions KeepAll { get; } = new() { Retention = new() { KeepLast = null } };
}
