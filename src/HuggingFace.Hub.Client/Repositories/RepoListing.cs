namespace HuggingFace.Hub.Client;

/// <summary>All files of a repository at one commit.</summary>
public sealed class RepoListing
{
    private readonly Dictionary<string, RepoFile> _byPath;

    internal RepoListing(RepoId repo, string commit, IEnumerable<RepoFile> files)
    {
        Repo = repo;
        Commit = commit;
        _byPath = files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        Files = [.. _byPath.Values.OrderBy(file => file.Path, StringComparer.Ordinal)];
    }

    /// <summary>The repository as it was asked for.</summary>
    public RepoId Repo { get; }

    /// <summary>The commit, 40 hexadecimal digits.</summary>
    public string Commit { get; }

    /// <summary>The files in the order of their paths (ordinal).</summary>
    public IReadOnlyList<RepoFile> Files { get; }

    /// <summary>The file at a path.</summary>
    /// <param name="path">The path in the repository; case counts.</param>
    /// <returns>The file, or null where there is none.</returns>
    public RepoFile? Find(string path) => _byPath.GetValueOrDefault(path);
}
