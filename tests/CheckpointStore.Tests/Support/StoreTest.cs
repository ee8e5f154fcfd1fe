using Tests.Shared;

namespace CheckpointStorage.Tests;

/// <summary>A test with a directory of its own.</summary>
public abstract class StoreTest : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    protected string Root => _temporary["out"];

    protected string this[params string[] parts] => Path.Combine([Root, .. parts]);

    public void Dispose()
    {
        _temporary.Dispose();
        GC.SuppressFinalize(this);
    }

    protected string[] Names() => [.. Directory.EnumerateFileSystemEntries(Root).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    protected string[] Leftovers() =>
        [.. Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path).StartsWith(".t", StringComparison.Ordinal))];
}
