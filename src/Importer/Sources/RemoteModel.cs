using System.Collections.ObjectModel;
using HuggingFace.Hub.Client;
using PyTorchCheckpoints;
using SafeTensorSharp;

namespace Importer.Sources;

/// <summary>Opens a model on the hub by its headers: configuration, index and, by range requests, the beginning of each weights file.</summary>
internal static class RemoteModel
{
    private const int IndexLimit = 64 << 20;
    private const int SniffedBytes = 1024;
    private const int MaxParallel = 4;

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
        HubDownloadPlan plan;
        try
        {
            plan = await client.PlanModelAsync(repo, options, cancellationToken).ConfigureAwait(false);
        }
        catch (HubOfflineException)
        {
            return null;
        }

        if (plan.BytesToDownload == 0)
        {
            return null;
        }

        string folder = string.IsNullOrEmpty(options?.Subfolder) ? "" : options.Subfolder.TrimEnd('/') + "/";
        var reader = new Reader(client, repo, plan.Commit, folder, cancellationToken);
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

    /// <summary>What one file's header says.</summary>
    private sealed record Part(
        string File, IReadOnlyList<SourceTensor> Tensors, IReadOnlyDictionary<string, string> Metadata, long HeaderBytes);

    private sealed class Reader(HubClient client, RepoId repo, string commit, string folder, CancellationToken cancellationToken)
    {
        public string Display(string name) => $"{repo.Id}/{folder}{name}";

        public async Task<byte[]> ReadAllAsync(string name, int maxBytes)
        {
            using var file = await client.OpenFileAsync(repo, folder + name, commit, cancellationToken).ConfigureAwait(false);
            return await file.ReadAllAsync(maxBytes, cancellationToken).ConfigureAwait(false);
        }

        public async Task<RemoteHeaders> ReadHeadersAsync(string weights, Func<string, long> sizes)
        {
            var index = weights.EndsWith(".json", StringComparison.Ordinal)
                ? SafeTensorIndex.Parse(await ReadAllAsync(weights, IndexLimit).ConfigureAwait(false), path: Display(weights))
                : null;
            string[] names = index is null ? [weights] : [.. index.FileNames];
            var parts = new Part[names.Length];
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, names.Length, parallel, async (i, _) => parts[i] = await ReadHeaderAsync(names[i]).ConfigureAwait(false)).ConfigureAwait(false);
            if (index is not null &&
                ShardAgreement.Problems(index, [.. parts.Select(part => (part.File, part.Tensors.Select(tensor => tensor.Name)))]) is { Count: > 0 } problems)
            {
                throw new ShardsDifferException(Display(weights), problems);
            }

            return new RemoteHeaders(
                new OrderedDictionary<string, long>((index is null ? names : [weights, .. names]).Select(name => KeyValuePair.Create(name, sizes(name))), StringComparer.Ordinal),
                [.. parts.SelectMany(part => part.Tensors)],
                parts is [var only] ? only.Metadata : ReadOnlyDictionary<string, string>.Empty,
                parts.Sum(part => part.HeaderBytes));
        }

        private async Task<Part> ReadHeaderAsync(string name)
        {
            using var file = await client.OpenFileAsync(repo, folder + name, commit, cancellationToken).ConfigureAwait(false);
            return PyTorchSource.TakesName(name)
                ? await Task.Run(() => ReadPickle(file, name), cancellationToken).ConfigureAwait(false)
                : await ReadSafeTensorsAsync(file, name).ConfigureAwait(false);
        }

        private async Task<Part> ReadSafeTensorsAsync(HubRemoteFile file, string name)
        {
            byte[] start = new byte[Math.Min(SafeTensorHeader.LengthBytes, file.Length)];
            await file.ReadAsync(0, start, cancellationToken).ConfigureAwait(false);
            long length;
            try
            {
                length = SafeTensorHeader.ReadDataOffset(start, file.Length, path: Display(name));
            }
            catch (SafeTensorException) when (file.Length > start.Length)
            {
                // More of what is no header tells what it is instead.
                start = new byte[Math.Min(SniffedBytes, file.Length)];
                await file.ReadAsync(0, start, cancellationToken).ConfigureAwait(false);
                length = SafeTensorHeader.ReadDataOffset(start, file.Length, path: Display(name));
            }

            byte[] bytes = new byte[length];
            start.AsSpan(0, SafeTensorHeader.LengthBytes).CopyTo(bytes);
            await file.ReadAsync(SafeTensorHeader.LengthBytes, bytes.AsMemory(SafeTensorHeader.LengthBytes), cancellationToken).ConfigureAwait(false);
            var header = SafeTensorHeader.Parse(bytes, file.Length, path: Display(name));
            return new Part(
                name,
                [.. header.Tensors.Select(tensor => new SourceTensor(tensor.Name, tensor.DType, tensor.Shape, name, tensor.FileOffset, tensor.ByteCount))],
                header.Metadata,
                header.DataOffset);
        }

        private Part ReadPickle(HubRemoteFile file, string name)
        {
            using var stream = new HubFileStream(file, cancellationToken);
            var header = CheckpointHeader.Identify(stream, Display(name));
            return new Part(name, PyTorchSource.Describe(name, Display(name), header), ReadOnlyDictionary<string, string>.Empty, stream.BytesFetched);
        }
    }
}
