using HuggingFace.Hub.Client;
using Importer.IO;

namespace Importer.Sources;

/// <summary>Finds a model by path or by id; one that is only on the hub is fetched into the cache that Python's tools share.</summary>
internal static class ModelLocator
{
    /// <summary>Finds a model. What is on disk under that name comes before what is on the hub.</summary>
    /// <exception cref="ModelNotFoundException">It is no path that exists, and cannot be an id.</exception>
    /// <exception cref="HubException">The hub does not give it.</exception>
    public static async Task<LocatedModel> LocateAsync(string idOrPath, HubAccess? access, CancellationToken cancellationToken)
    {
        if (FileFacts.Of(idOrPath).Kind != FileKind.Missing)
        {
            return new LocatedModel(idOrPath, null, null);
        }

        var repo = RepoOf(idOrPath);
        var files = await WithClientAsync(
            access, client => client.DownloadModelAsync(repo, access?.Model, access?.Progress, cancellationToken)).ConfigureAwait(false);
        return new LocatedModel(files.WeightsIndex ?? files.Weights[0], repo.Id, files.Commit);
    }

    /// <summary>What would have to be downloaded; null for a model that is on disk under that name.</summary>
    /// <exception cref="ModelNotFoundException">It is no path that exists, and cannot be an id.</exception>
    /// <exception cref="HubException">The hub does not know the model or cannot be reached.</exception>
    public static async Task<HubDownloadPlan?> PlanAsync(string idOrPath, HubAccess? access, CancellationToken cancellationToken)
    {
        if (FileFacts.Of(idOrPath).Kind != FileKind.Missing)
        {
            return null;
        }

        var repo = RepoOf(idOrPath);
        return await WithClientAsync(access, client => client.PlanModelAsync(repo, access?.Model, cancellationToken)).ConfigureAwait(false);
    }

    private static async Task<T> WithClientAsync<T>(HubAccess? access, Func<HubClient, Task<T>> work)
    {
        if (access?.Client is { } given)
        {
            return await work(given).ConfigureAwait(false);
        }

        using var client = new HubClient();
        return await work(client).ConfigureAwait(false);
    }

    private static RepoId RepoOf(string idOrPath)
    {
        bool isPath = System.IO.Path.IsPathRooted(idOrPath) || idOrPath.StartsWith('.') || idOrPath.StartsWith('~') || idOrPath.Contains('\\');
        return !isPath && RepoId.TryParse(idOrPath, out var repo)
            ? repo
            : throw new ModelNotFoundException(idOrPath, $"There is no file or directory {idOrPath}.", "Check the path, or give a model's id, such as openai-community/gpt2.");
    }
}
