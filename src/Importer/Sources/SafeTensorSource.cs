using SafeTensorSharp;

namespace Importer.Sources;

/// <summary>Weights in safetensors: one file, or a set of shards with its index.</summary>
internal sealed class SafeTensorSource : TensorSource
{
    private readonly IDisposable _owner;
    private readonly Dictionary<string, (SafeTensorFile File, SafeTensorInfo Info)> _places = new(StringComparer.Ordinal);

    private SafeTensorSource(IDisposable owner, IReadOnlyList<(string Name, SafeTensorFile File)> parts, IReadOnlyList<string> files)
    {
        _owner = owner;
        Files = files;
        var tensors = new List<SourceTensor>();
        foreach (var (name, file) in parts)
        {
            foreach (var info in file.Header.Tensors)
            {
                tensors.Add(new SourceTensor(info.Name, info.DType, info.Shape, name, info.FileOffset, info.ByteCount));
                _places.Add(info.Name, (file, info));
            }
        }

        Tensors = tensors;
        Metadata = parts is [var only] ? only.File.Header.Metadata : new Dictionary<string, string>();
        HeaderBytes = parts.Sum(part => part.File.Header.DataOffset);
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
        string path = Path.Combine(directory, name);
        if (!name.EndsWith(".json", StringComparison.Ordinal))
        {
            var file = SafeTensorFile.Open(path);
            return new SafeTensorSource(file, [(name, file)], [name]);
        }

        var set = SafeTensorSet.Open(path);
        return new SafeTensorSource(
            set, [.. set.Shards.Select(shard => (shard.FileName, shard.File))], [name, .. set.Shards.Select(shard => shard.FileName)]);
    }

    public override void Read(SourceTensor tensor, long offset, Span<byte> destination)
    {
        var (file, info) = _places[tensor.Name];
        file.Read(info, destination, offset);
    }

    protected override void Dispose(bool disposing) => _owner.Dispose();
}
