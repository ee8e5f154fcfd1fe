namespace HuggingFace.Hub.Client;

/// <summary>One repository's folder in the cache. Paths given to it have been checked by <see cref="RepoPath"/> before.</summary>
internal sealed class RepoFolder(RepoId repo, string root, string locks)
{
    public RepoId Repo { get; } = repo;

    public string Root { get; } = root;

    public string LocksRoot { get; } = locks;

    public string Blobs => Path.Combine(Root, "blobs");

    public string Snapshots => Path.Combine(Root, "snapshots");

    public string Refs => Path.Combine(Root, "refs");

    public string Trees => Path.Combine(Root, "trees");

    public string NoExist => Path.Combine(Root, ".no_exist");

    /// <summary>Our own: size and hash of files that came without a listing, so that hits can be checked without a request.</summary>
    public string Facts => Path.Combine(Root, ".facts");

    public string Blob(ContentHash hash) => Path.Combine(Blobs, hash.Hex);

    public string Lock(ContentHash hash) => Path.Combine(LocksRoot, hash.Hex + ".lock");

    public string Snapshot(string commit) => Path.Combine(Snapshots, commit);

    public string Pointer(string commit, string path) => Join(Snapshot(commit), path);

    public string Ref(string revision) => Join(Refs, revision);

    public string NoExistMarker(string commit, string path) => Join(Path.Combine(NoExist, commit), path);

    public string FactsOf(string commit, string path) => Join(Path.Combine(Facts, commit), path);

    public string Tree(string commit) => Path.Combine(Trees, commit + ".json");

    private static string Join(string directory, string path) =>
        Path.Combine(directory, Path.DirectorySeparatorChar == '/' ? path : path.Replace('/', Path.DirectorySeparatorChar));
}
