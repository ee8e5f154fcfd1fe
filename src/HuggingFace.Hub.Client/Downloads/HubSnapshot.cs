namespace HuggingFace.Hub.Client;

/// <summary>Files of a repository at one commit that are on this machine.</summary>
public sealed class HubSnapshot
{
    internal HubSnapshot(RepoId repo, string commit, string directory, IReadOnlyList<HubFile> files)
    {
        Repo = repo;
        Commit = commit;
        Directory = directory;
        Files = files;
    }

    /// <summary>The repository.</summary>
    public RepoId Repo { get; }

    /// <summary>
    /// The commit, 40 hexadecimal digits; empty when a local directory was taken as it is because the hub could not be asked.
    /// </summary>
    public string Commit { get; }

    /// <summary>The directory that holds them under their names in the repository.</summary>
    public string Directory { get; }

    /// <summary>The files that were asked for, in the order of their paths.</summary>
    public IReadOnlyList<HubFile> Files { get; }

    /// <summary>The file at a path in the repository.</summary>
    /// <param name="path">The path; case counts.</param>
    /// <returns>The file, or null when it was not asked for.</returns>
    public HubFile? Find(string path) => Files.FirstOrDefault(file => file.Path == path);
}
