using System.Globalization;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Size and hash of a file that was downloaded without a listing: <c>.facts/{commit}/{path}</c>, two lines. With it, a hit by commit is
/// checked without a request, also where snapshots hold files instead of links to blobs.
/// </summary>
internal sealed record FileFacts(ContentHash Hash, long Size)
{
    private const int MaxBytes = 256;

    /// <summary>What is known about a cached file, from its commit's listing or its facts file; null when nothing is.</summary>
    public static FileFacts? Find(RepoFolder folder, string commit, string path, Func<string, RepoListing?> listing)
    {
        if (Read(folder.FactsOf(commit, path)) is { } facts)
        {
            return facts;
        }

        return listing(commit)?.Find(path) is { } file ? new FileFacts(file.Hash, file.Size) : null;
    }

    public static void Write(RepoFolder folder, string commit, string path, FileFacts facts, HubSettings settings)
    {
        string file = folder.FactsOf(commit, path);
        try
        {
            if (Read(file) != facts)
            {
                AtomicFile.Write(file, string.Create(CultureInfo.InvariantCulture, $"{facts.Hash}\n{facts.Size}\n"), folder.Blobs,
                    durable: false);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.Ignoring(settings.Logger, file, error.Message);
        }
    }

    private static FileFacts? Read(string file)
    {
        try
        {
            if (!File.Exists(file) || new FileInfo(file).Length > MaxBytes)
            {
                return null;
            }

            string[] lines = File.ReadAllLines(file);
            return lines.Length == 2
                && ContentHash.TryParse(lines[0], out ContentHash? hash)
                && long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out long size)
                    ? new FileFacts(hash, size)
                    : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
