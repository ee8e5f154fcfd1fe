using Microsoft.Win32.SafeHandles;
using SharedSource.IO;

namespace HuggingFace.Hub.Client;

/// <summary>What tests replace: the operating system's rules, locks, free space and writes.</summary>
internal sealed class HubTestSeams
{
    /// <summary>The rules for names.</summary>
    public PathRules Rules { get; init; } = PathRules.Current;

    /// <summary>Whether file locks do anything; false is a file system on which they are silent no-ops.</summary>
    public bool LocksWork { get; init; } = true;

    /// <summary>The free bytes for a directory; null when unknown.</summary>
    public Func<string, long?> AvailableSpace { get; init; } = FreeSpace.Of;

    /// <summary>Called before bytes of a file are written, with offset and count; may throw.</summary>
    public Action<long, int>? BeforeWrite { get; init; }

    /// <summary>Flushes a finished file to the disk, before it is renamed.</summary>
    public Action<SafeFileHandle> FlushToDisk { get; init; } = DiskFlush.FlushFile;

    /// <summary>Makes a symbolic link; may throw as Windows does without the privilege.</summary>
    public Action<string, string> CreateSymbolicLink { get; init; } = static (path, target) => File.CreateSymbolicLink(path, target);
}
