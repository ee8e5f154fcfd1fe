using HuggingFace.Hub.Client;
using PyTorchCheckpoints;
using SafeTensorSharp;

namespace Importer.Sources;

/// <summary>Opens a model on the hub by its headers: configuration, index and, by range requests, the beginning of each weights file.</summary>
internal static class RemoteModel
{
    /// <summary>Fetches what there is to know of a model without its weights.</summary>
    /// <returns>Null where the model is on disk under that name, or in the cache as a whole, or the client is offline.</returns>
    /// <param name="idOrPath">A path, or an id on the hub.</param>
    /// <param name="access">How the hub is reached.</param>
    /// <param name="toImport">Whether it is to be imported, see <see cref="ModelLocator.LocateAsync"/>.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    /// <exception cref="HubException">The hub does not give it.</exception>
    /// <exception cref="SafeTensorException">A header is broken.</exception>
    /// <exception cref="CheckpointException">A checkpoint of PyTorch is broken or hostile.</exception>
    /// <exception cref="ModelConfigException">config.json is broken.</exception>
    public static Task<ModelDirectory?> TryOpenAsync(string idOrPath, HubAccess? access, bool toImport, CancellationToken cancellationToken) =>
        ModelLocator.IsOnDisk(idOrPath, toImport)
            ? Task.FromResult<ModelDirectory?>(null)
            : ModelLocator.WithClientAsync(access, client => TryOpenAsync(client, ModelLocator.RepoOf(idOrPath), access?.Model, cancellationToken));

    private static async Task<ModelDirectory?> TryOpenAsync(HubClient client, RepoId repo, HubModelOptions? options, CancellationToken cancellationToken)
    {
        if (await ModelLocator.PlanAsync(client, repo, options, cancellationToken).ConfigureAwait(false) is not { BytesToDownload: > 0 } plan)
        {
            return null;
        }

        string folder = string.IsNullOrEmpty(options?.Subfolder) ? "" : options.Subfolder.TrimEnd('/') + "/";
        var reader = new RemoteHeaderReader(client, repo, plan.Commit, folder, cancellationToken);
        var config = ConfigFile.Parse(
            await reader.ReadAllAsync(ModelDirectory.ConfigName, ConfigFile.SizeLimit).ConfigureAwait(false), reader.Display(ModelDirectory.ConfigName));
        try
        {
            string variant = string.IsNullOrEmpty(options?.Variant) ? "" : "." + options.Variant;
            string weights = new[]
            {
                $"model{variant}.safetensors", $"model.safetensors.index{variant}.json", $"pytorch_model{variant}.bin", $"pytorch_model.bin.index{variant}.json",
            }.First(name => plan.Files.Any(file => file.Path == folder + name));
            var headers = await reader.ReadHeadersAsync(weights, name => plan.Files.First(file => file.Path == folder + name).Size).ConfigureAwait(false);
            string[] companions = [.. ModelDirectory.CompanionNames.Where(name => plan.Files.Any(file => file.Path == folder + name))];
            return ModelDirectory.OfHeaders(repo.Id, plan.Commit, config, companions, headers);
        }
        catch
        {
            config.Dispose();
            throw;
        }
    }
}
