using System.Collections.ObjectModel;
using HuggingFace.Hub.Client;
using PyTorchCheckpoints;
using SafeTensorSharp;

namespace Importer.Sources;

/// <summary>Reads the headers of weights on the hub by range requests.</summary>
/// <param name="client">The client.</param>
/// <param name="repo">The model.</param>
/// <param name="commit">The commit that all files are taken from.</param>
/// <param name="folder">The model's directory in the repository, empty or ending with <c>/</c>.</param>
/// <param name="cancellationToken">Stops the requests.</param>
internal sealed class RemoteHeaderReader(HubClient client, RepoId repo, string commit, string folder, CancellationToken cancellationToken)
{
    private const int IndexLimit = 64 << 20;
    private const int SniffedBytes = 1024;
    private const int MaxParallel = 4;

    /// <summary>What messages call one of the files.</summary>
    public string Display(string name) => $"{repo.Id}/{folder}{name}";

    /// <summary>Reads a small file as a whole, hash checked.</summary>
    public async Task<byte[]> ReadAllAsync(string name, int maxBytes)
    {
        using var file = await client.OpenFileAsync(repo, folder + name, commit, cancellationToken).ConfigureAwait(false);
        return await file.ReadAllAsync(maxBytes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the headers of weights.</summary>
    /// <param name="weights">A weights file, or the index of a set.</param>
    /// <param name="sizes">The size in bytes of each file, by its name.</param>
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

    /// <summary>What one file's header says.</summary>
    private sealed record Part(
        string File, IReadOnlyList<SourceTensor> Tensors, IReadOnlyDictionary<string, string> Metadata, long HeaderBytes);
}
