using SharedSource.IO;

namespace Importer.IO;

/// <summary>How a directory is staged.</summary>
internal sealed class StagedDirectoryOptions
{
    /// <summary>Whether a file of that name may be removed from a directory that is replaced; others stay.</summary>
    public required Func<string, bool> IsOwn { get; init; }

    /// <summary>Called once if another process has to be waited for. The default is null.</summary>
    public Action? Waiting { get; init; }

    /// <summary>Brings a directory's names to the disk. The default does; tests watch.</summary>
    public Action<string> FlushDirectory { get; init; } = DiskFlush.FlushDirectory;
}
