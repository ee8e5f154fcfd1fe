using System.Diagnostics.CodeAnalysis;
using HuggingFace.Hub.Client;
using Importer.IO;

namespace Importer.Sources;

/// <summary>Finds a model by path or by id; one that is only on the hub is fetched into the cache that Python's tools share.</summary>
internal static class ModelLocator
{
    // As Python's HfFileSystem writes it: the hub's, whatever is on disk under that name.
    private const string HubScheme = "hf://";

    // What tells an import from a checkpoint without opening either.
    private const string ImportedName = "manifest.json";

    /// <summary>
    /// Finds a model. What is on disk under that name comes before what is on the hub. The directory of a training run is its newest whole
    /// checkpoint.
    /// </summary>
    /// <param name="idOrPath">A path, an id, or an id that cannot be taken for a path: <c>hf://owner/name</c>.</param>
    /// <param name="access">How the hub is reached.</param>
    /// <param name="cancellationToken">Stops a download.</param>
    /// <param name="toImport">
    /// Whether it is to be imported. <c>import-weights gpt2 --out .</c> leaves a directory of the id's own name: run again, the id is meant.
    /// </param>
    /// <exception cref="ModelNotFoundException">It is no path that exists, and cannot be an id.</exception>
    /// <exception cref="HubException">The hub does not give it.</exception>
    public static async Task<LocatedModel> LocateAsync(
        string idOrPath, HubAccess? access, CancellationToken cancellationToken, bool toImport = false)
    {
        if (IsOnDisk(idOrPath, toImport))
        {
            return new LocatedModel(RunCheckpoints.Locate(idOrPath, cancellationToken) ?? idOrPath, null, null);
        }

        var repo = RepoOf(idOrPath);
        var files = await WithClientAsync(
            access, client => client.DownloadModelAsync(repo, access?.Model, access?.Progress, cancellationToken)).ConfigureAwait(false);
        string weights = files.WeightsIndex ?? files.Weights[0];
        return new LocatedModel(weights, repo.Id, files.Commit) { KnownSha256 = JustVerified(files.Snapshot, Path.GetDirectoryName(weights)!) };
    }

    /// <summary>What would have to be downloaded first; null for a model that is on disk under that name, and where nothing may be.</summary>
    /// <exception cref="ModelNotFoundException">It is no path that exists, and cannot be an id.</exception>
    /// <exception cref="HubException">The hub does not know the model or cannot be reached.</exception>
    public static async Task<HubDownloadPlan?> PlanAsync(
        string idOrPath, HubAccess? access, CancellationToken cancellationToken, bool toImport = true)
    {
        if (IsOnDisk(idOrPath, toImport))
        {
            return null;
        }

        var repo = RepoOf(idOrPath);
        return await WithClientAsync(access, client => PlanAsync(client, repo, access?.Model, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>
    /// What would have to be downloaded; null offline, and where the hub cannot be reached and the cache has all that a download would
    /// then take: whoever opens the model finds it there, or says that it is not.
    /// </summary>
    /// <exception cref="HubException">The hub does not know the model or cannot be reached.</exception>
    public static async Task<HubDownloadPlan?> PlanAsync(HubClient client, RepoId repo, HubModelOptions? options, CancellationToken cancellationToken)
    {
        try
        {
            return await client.PlanModelAsync(repo, options, cancellationToken).ConfigureAwait(false);
        }
        catch (HubOfflineException)
        {
            return null;
        }
        catch (HubNetworkException)
        {
            if (await IsCachedAsync(client, repo, options, cancellationToken).ConfigureAwait(false))
            {
                return null;
            }

            throw;
        }
    }

    private static async Task<bool> IsCachedAsync(HubClient client, RepoId repo, HubModelOptions? options, CancellationToken cancellationToken)
    {
        if (options?.ForceDownload == true)
        {
            return false;
        }

        try
        {
            _ = await client.DownloadModelAsync(repo, new HubModelOptions
            {
                LocalFilesOnly = true,
                Revision = options?.Revision,
                LocalDirectory = options?.LocalDirectory,
                Subfolder = options?.Subfolder,
                Variant = options?.Variant,
                Weights = options?.Weights ?? default,
                Include = options?.Include,
                Exclude = options?.Exclude,
            }, null, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (HubException)
        {
            return false;
        }
    }

    // A large file's content in the cache is named by its SHA-256. That is taken at its word for what this very call downloaded, and
    // so verified; what has lain there for longer may have been damaged since.
    private static Dictionary<string, string> JustVerified(HubSnapshot snapshot, string directory)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in snapshot.Files.Where(file => file.WasDownloaded && Path.GetDirectoryName(file.LocalPath) == directory))
        {
            if (Path.GetFileName(new FileInfo(file.LocalPath).LinkTarget) is { Length: 64 } hash && hash.All(char.IsAsciiHexDigitLower))
            {
                known.Add(Path.GetFileName(file.LocalPath), hash);
            }
        }

        return known;
    }

    /// <summary>Works with the client that was given, or with one of the moment.</summary>
    public static async Task<T> WithClientAsync<T>(HubAccess? access, Func<HubClient, Task<T>> work)
    {
        if (access?.Client is { } given)
        {
            return await work(given).ConfigureAwait(false);
        }

        using var client = new HubClient();
        return await work(client).ConfigureAwait(false);
    }

    /// <summary>Reads a model's id as people write it: with or without <c>hf://</c>.</summary>
    public static bool TryParseId(string text, [NotNullWhen(true)] out RepoId? repo) =>
        RepoId.TryParse(text.StartsWith(HubScheme, StringComparison.Ordinal) ? text[HubScheme.Length..] : text, out repo);

    /// <summary>What else may have been meant by a directory that turned out to hold no model; empty where it can be no id.</summary>
    public static string HubHint(LocatedModel located) =>
        located.Id is null && TryParseId(located.Path, out var repo) ? $" For the hub's model of that name give {HubScheme}{repo.Id}." : "";

    /// <summary>Whether a name can only be a path, and so no id, whether or not anything is there.</summary>
    public static bool IsPath(string name) => Path.IsPathRooted(name) || name.StartsWith('.') || name.StartsWith('~') || name.Contains('\\');

    /// <summary>Whether a name is taken for what is on disk under it.</summary>
    public static bool IsOnDisk(string idOrPath, bool toImport)
    {
        var kind = FileFacts.Of(idOrPath).Kind;
        if (kind != FileKind.Directory)
        {
            return kind != FileKind.Missing;
        }

        if (!TryParseId(idOrPath, out _))
        {
            return true;
        }

        return !(toImport && File.Exists(Path.Combine(idOrPath, ImportedName)));
    }

    /// <summary>The model that an id names.</summary>
    /// <exception cref="ModelNotFoundException">It can be no id.</exception>
    public static RepoId RepoOf(string idOrPath) =>
        !IsPath(idOrPath) && TryParseId(idOrPath, out var repo)
            ? repo
            : throw new ModelNotFoundException(idOrPath, $"There is no file or directory {idOrPath}.", "Check the path, or give a model's id, such as openai-community/gpt2.");
}
