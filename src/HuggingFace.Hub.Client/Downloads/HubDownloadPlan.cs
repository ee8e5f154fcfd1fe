namespace HuggingFace.Hub.Client;

/// <summary>What a download would do; nothing has been written.</summary>
public sealed class HubDownloadPlan
{
    internal HubDownloadPlan(RepoId repo, string commit, string directory, IReadOnlyList<HubPlannedFile> files, long? availableBytes)
    {
        Repo = repo;
        Commit = commit;
        Directory = directory;
        Files = files;
        AvailableBytes = availableBytes;
    }

    /// <summary>The repository.</summary>
    public RepoId Repo { get; }

    /// <summary>The commit, 40 hexadecimal digits.</summary>
    public string Commit { get; }

    /// <summary>The directory that would hold the files.</summary>
    public string Directory { get; }

    /// <summary>The files that were asked for, in the order of their paths.</summary>
    public IReadOnlyList<HubPlannedFile> Files { get; }

    /// <summary>The bytes that are free on the target's file system; null when the system does not tell.</summary>
    public long? AvailableBytes { get; }

    /// <summary>The size of all files in bytes.</summary>
    public long TotalSize => Files.Sum(file => file.Size);

    /// <summary>The bytes that would be downloaded.</summary>
    public long BytesToDownload => Files.Sum(file => file.BytesToDownload);
}
