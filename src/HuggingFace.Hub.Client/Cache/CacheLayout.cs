namespace HuggingFace.Hub.Client;

/// <summary>The paths of huggingface_hub's cache (hub-docs, <c>docs/hub/local-cache.md</c>).</summary>
internal sealed class CacheLayout(string root)
{
    public const string LocksFolder = ".locks";
    public const string SharedBlobsFolder = "blobs";
    public const string TagFile = "CACHEDIR.TAG";

    public const string TagContent =
        "Signature: 8a477f597d28d172789f06886806bc55\n"
        + "# This file is a cache directory tag of the Hugging Face cache.\n"
        + "# For information about cache directory tags, see:\n"
        + "#\thttps://bford.info/cachedir/\n";

    public string Root { get; } = root;

    public RepoFolder Repo(RepoId repo) => new(repo, Path.Combine(Root, repo.FolderName), Path.Combine(Root, LocksFolder, repo.FolderName));

    /// <summary>Where huggingface_hub (after 1.31) keeps a file that several repositories share.</summary>
    public string SharedBlob(string xetHash) => Path.Combine(Root, SharedBlobsFolder, xetHash[..2], xetHash);

    /// <summary>The folders of all repositories that are there.</summary>
    public IEnumerable<RepoFolder> Repos()
    {
        if (!Directory.Exists(Root))
        {
            yield break;
        }

        foreach (string directory in Directory.EnumerateDirectories(Root, "*--*"))
        {
            if (RepoId.FromFolderName(Path.GetFileName(directory)) is { } repo)
            {
                yield return Repo(repo);
            }
        }
    }

    /// <summary>Marks the cache for backup programs. Best effort.</summary>
    public void WriteTag()
    {
        string tag = Path.Combine(Root, TagFile);
        try
        {
            Directory.CreateDirectory(Root);
            if (!File.Exists(tag))
            {
                File.WriteAllText(tag, TagContent);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Only a courtesy to backup programs.
        }
    }
}
