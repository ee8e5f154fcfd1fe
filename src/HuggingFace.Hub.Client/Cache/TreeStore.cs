using System.Text.Json;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Listings of commits on disk. A commit never changes, so a listing never expires; it tells offline whether a snapshot is complete and
/// what size every file must have.
/// </summary>
internal static class TreeStore
{
    private const int Version = 1;
    private const long MaxBytes = 512L << 20;

    /// <summary>The listing in a file; null when there is none or it is not to be trusted.</summary>
    public static RepoListing? Read(string file, RepoId repo, string commit, HubSettings settings)
    {
        try
        {
            if (!File.Exists(file))
            {
                return null;
            }

            if (new FileInfo(file).Length > MaxBytes)
            {
                return null;
            }

            TreeJson? tree = JsonSerializer.Deserialize(File.ReadAllBytes(file), CacheJson.Default.TreeJson);
            return tree is { FormatVersion: Version, Files: { } files } ? Convert(files, repo, commit, settings) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            Log.Ignoring(settings.Logger, file, error.Message);
            return null;
        }
    }

    /// <summary>Keeps a listing. Best effort.</summary>
    public static void Write(string file, RepoListing listing, string scratch, HubSettings settings)
    {
        var tree = new TreeJson { FormatVersion = Version, Files = new(StringComparer.Ordinal) };
        foreach (RepoFile entry in listing.Files)
        {
            tree.Files[entry.Path] = new TreeFileJson
            {
                Size = entry.Size,
                BlobId = entry.BlobId,
                LfsSha256 = entry.Sha256,
                LfsSize = entry.Sha256 is null ? null : entry.Size,
                XetHash = entry.XetHash,
            };
        }

        try
        {
            AtomicFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(tree, CacheJson.Default.TreeJson), scratch, durable: false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.Ignoring(settings.Logger, file, error.Message);
        }
    }

    private static RepoListing? Convert(SortedDictionary<string, TreeFileJson?> files, RepoId repo, string commit, HubSettings settings)
    {
        var entries = new List<RepoFile>(files.Count);
        foreach ((string path, TreeFileJson? entry) in files)
        {
            if (entry is null
                || RepoPath.FindFault(path, settings.Seams.Rules) is not null
                || RepoFileFactory.TryCreate(
                    path, entry.LfsSize ?? entry.Size, entry.BlobId, entry.LfsSha256, entry.XetHash) is not { } file)
            {
                return null;
            }

            entries.Add(file);
        }

        return new RepoListing(repo, commit, entries);
    }
}
