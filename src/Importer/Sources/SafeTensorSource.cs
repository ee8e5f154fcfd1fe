using SafeTensorSharp;

namespace Importer.Sources;

/// <summary>Weights in safetensors: one file, or a set of shards with its index.</summary>
internal sealed class SafeTensorSource : TensorSource
{
    private readonly Dictionary<string, (SafeTensorFile File, SafeTensorInfo Info)> _places = new(StringComparer.Ordinal);
    private readonly List<SafeTensorFile> _files = [];

    private SafeTensorSource(string directory, IReadOnlyList<string> shards, IReadOnlyList<string> files)
    {
        Files = files;
        var tensors = new List<SourceTensor>();
        try
        {
            foreach (string shard in shards)
            {
                var file = SafeTensorFile.Open(Path.Combine(directory, shard));
                _files.Add(file);
                foreach (var info in file.Header.Tensors)
                {
                    tensors.Add(new SourceTensor(info.Name, info.DType, info.Shape, shard, info.FileOffset, info.ByteCount));
                    _places.Add(info.Name, (file, info));
                }
            }
        }
        catch
        {
            Dispose(disposing: true);
            throw;
        }

        Tensors = tensors;
        Metadata = shards.Count == 1 ? _files[0].Header.Metadata : new Dictionary<string, string>();
        HeaderBytes = _files.Sum(file => file.Header.DataOffset);
    }

    public override IReadOnlyList<SourceTensor> Tensors { get; }

    public override IReadOnlyList<string> Files { get; }

    public override IReadOnlyDictionary<string, string> Metadata { get; }

    public override long HeaderBytes { get; }

    /// <summary>Opens a file, or the shards that an index lists.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">A .safetensors file or a .safetensors.index.json in it.</param>
    public static SafeTensorSource Open(string directory, string name)
    {
        if (!name.EndsWith(".json", StringComparison.Ordinal))
        {
            return new SafeTensorSource(directory, [name], [name]);
        }

        using var set = SafeTensorSet.Open(Path.Combine(directory, name));
        string[] shards = [.. set.Shards.Select(shard => shard.Name)];
        return new SafeTensorSource(directory, shards, [name, .. shards]);
    }

    public override void Read(SourceTensor tensor, long offset, Span<byte> destination)
    {
        var (file, info) = _places[tensor.Name];
        file.Read(info, destination, offset);
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }
}
