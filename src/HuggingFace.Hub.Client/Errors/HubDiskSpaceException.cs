using System.Globalization;

namespace HuggingFace.Hub.Client;

/// <summary>The disk has, or ran, out of room. What had been downloaded stays as a partial that the next call resumes.</summary>
public sealed class HubDiskSpaceException : HubException
{
    internal HubDiskSpaceException(string directory, long required, long? available, Exception? inner = null)
        : base(
            HubErrorCategory.Local,
            Describe(directory, required, available),
            "Free some space (import-weights cache prune, or HubCache.Prune), or choose a directory on a larger disk (HF_HUB_CACHE for the cache).",
            HubErrorContext.None,
            inner)
    {
        Directory = directory;
        RequiredBytes = required;
        AvailableBytes = available;
    }

    /// <summary>The directory whose file system is too small.</summary>
    public string Directory { get; }

    /// <summary>How many bytes were still to be written.</summary>
    public long RequiredBytes { get; }

    /// <summary>How many bytes are free; null when the system did not say.</summary>
    public long? AvailableBytes { get; }

    private static string Describe(string directory, long required, long? available)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        if (required == 0)
        {
            return $"The disk under {directory} is full.";
        }

        string free = available is { } bytes ? string.Create(invariant, $"{bytes:N0} bytes are free") : "the disk is full";
        return string.Create(invariant, $"Not enough disk space under {directory}: {required:N0} bytes are still to be written, {free}.");
    }
}
