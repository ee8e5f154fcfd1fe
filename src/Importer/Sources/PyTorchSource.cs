using System.Text.Json;
using Importer.IO;
using Importer.Mapping;
using PyTorchCheckpoints;
using SafeTensorSharp;

namespace Importer.Sources;

/// <summary>Weights that <c>torch.save</c> wrote: one checkpoint, or a set of shards with its index.</summary>
internal sealed class PyTorchSource : TensorSource
{
    private readonly IReadOnlyList<(string Name, PyTorchCheckpoint File)> _parts;
    private readonly Dictionary<string, (PyTorchCheckpoint File, PyTorchTensor Tensor)> _places = new(StringComparer.Ordinal);

    private PyTorchSource(IReadOnlyList<(string Name, PyTorchCheckpoint File)> parts, IReadOnlyList<string> files)
    {
        _parts = parts;
        Files = files;
        var tensors = new List<SourceTensor>();
        foreach (var (name, file) in parts)
        {
            tensors.AddRange(file.StateDict.Tensors.Select((tensor, i) => Describe(name, file, tensor, i)).OrderBy(tensor => tensor.Offset));
            foreach (var tensor in file.StateDict.Tensors)
            {
                _places[tensor.Name!] = (file, tensor);
            }
        }

        Tensors = tensors;
        HeaderBytes = parts.Sum(part => part.File.Header.BytesRead);
    }

    public override IReadOnlyList<SourceTensor> Tensors { get; }

    public override IReadOnlyList<string> Files { get; }

    public override IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    public override long HeaderBytes { get; }

    /// <summary>What was saved, where that is one dictionary: nanoGPT's has the state of the training beside the model.</summary>
    public DictionaryValue? Root => _parts is [var only] ? only.File.Header.Root as DictionaryValue : null;

    /// <summary>The configuration that nanoGPT keeps in its checkpoint (<c>model_args</c>), an object; null where there is none.</summary>
    /// <exception cref="ModelConfigException">It is no configuration: too large, or too deep.</exception>
    public JsonDocument? ReadModelArgs()
    {
        if (Root is not { } root || !root.TryGetValue("model_args", out var value) || value is not DictionaryValue)
        {
            return null;
        }

        try
        {
            return JsonDocument.Parse(value.ToJson()!.ToJsonString());
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException)
        {
            throw new ModelConfigException(
                _parts[0].File.Path!, "model_args", "model_args hold too much, or lie too deep in each other, for a configuration", "Take the checkpoint that train.py wrote.", e);
        }
    }

    /// <summary>Whether a file's name is that of a checkpoint of PyTorch or of an index of such.</summary>
    public static bool TakesName(string name) => IsIndex(name) || Path.GetExtension(name) is ".bin" or ".pt" or ".pth";

    /// <summary>Whether a file's name is that of an index of checkpoints of PyTorch.</summary>
    // A variant stands before the last ending: pytorch_model.bin.index.fp16.json.
    public static bool IsIndex(string name) =>
        name.Contains(".bin.index.", StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal);

    /// <summary>Opens a checkpoint, or the shards that an index lists.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">A file in it for which <see cref="TakesName"/> holds.</param>
    /// <exception cref="ShardsDifferException">Index and shards contradict each other.</exception>
    /// <exception cref="UnsupportedCheckpointException">A dtype is not read.</exception>
    /// <exception cref="CheckpointException">A checkpoint is broken or hostile.</exception>
    public static PyTorchSource Open(string directory, string name)
    {
        var index = IsIndex(name) ? SafeTensorIndex.Load(Path.Combine(directory, name)) : null;
        string[] names = index is null ? [name] : [.. index.FileNames];
        string[] missing = [.. names.Where(part => !RegularFile.Exists(Path.Combine(directory, part)))];
        if (missing.Length > 0)
        {
            throw new ShardsDifferException(Path.Combine(directory, name), [.. missing.Select(part => $"there is no file {NameText.Plain(part)}")]);
        }

        List<(string Name, PyTorchCheckpoint File)> parts = [];
        try
        {
            parts.AddRange(names.Select(part => (part, PyTorchCheckpoint.Open(Path.Combine(directory, part)))));
            if (index is not null)
            {
                Compare(directory, name, index, parts);
            }

            return new PyTorchSource(parts, index is null ? names : [name, .. names]);
        }
        catch
        {
            parts.ForEach(part => part.File.Dispose());
            throw;
        }
    }

    public override void Read(SourceTensor tensor, long offset, Span<byte> destination)
    {
        var (file, place) = _places[tensor.Name];
        file.Read(place, destination, offset);
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var (_, file) in _parts)
        {
            file.Dispose();
        }
    }

    /// <summary>A checkpoint's tensors from its header alone, without their places in the file; tied tensors are at the same one.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="path">What messages call it.</param>
    /// <param name="header">The header.</param>
    public static IReadOnlyList<SourceTensor> Describe(string name, string path, CheckpointHeader header)
    {
        var places = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var tied in header.StateDict.FindTies())
        {
            foreach (string one in tied)
            {
                places[one] = -1 - places.Count;
            }

            foreach (string one in tied)
            {
                places[one] = places[tied[0]];
            }
        }

        long next = -1 - places.Count;
        return
        [
            .. header.StateDict.Tensors.Select(tensor => Describe(
                name, path, tensor, places.TryGetValue(tensor.Name!, out long place) ? place : next--)),
        ];
    }

    private static SourceTensor Describe(string name, PyTorchCheckpoint file, PyTorchTensor tensor, int index) =>
        // Tied tensors are at the same place. Elements that do not lie in a row are at no place, and never those of another tensor.
        Describe(name, file.Path!, tensor, tensor.IsContiguous ? file.GetFileOffset(tensor) : -1 - index);

    private static SourceTensor Describe(string name, string path, PyTorchTensor tensor, long offset)
    {
        var dtype = ToDType(tensor.DType) ?? throw new UnsupportedCheckpointException(
            path, $"tensor {tensor} has a dtype that no model here uses", "Convert it in Python and save the state dict again.");
        return new SourceTensor(tensor.Name!, dtype, tensor.Shape, name, offset, tensor.ByteCount);
    }

    // PyTorch's complex128 has no counterpart.
    private static DType? ToDType(TorchDType dtype) => dtype switch
    {
        TorchDType.Float32 => DType.F32,
        TorchDType.Float64 => DType.F64,
        TorchDType.Float16 => DType.F16,
        TorchDType.BFloat16 => DType.BF16,
        TorchDType.UInt8 => DType.U8,
        TorchDType.Int8 => DType.I8,
        TorchDType.Int16 => DType.I16,
        TorchDType.Int32 => DType.I32,
        TorchDType.Int64 => DType.I64,
        TorchDType.Bool => DType.Bool,
        TorchDType.Complex64 => DType.C64,
        TorchDType.UInt16 => DType.U16,
        TorchDType.UInt32 => DType.U32,
        TorchDType.UInt64 => DType.U64,
        TorchDType.Float8E4M3Fn => DType.F8E4M3,
        TorchDType.Float8E5M2 => DType.F8E5M2,
        TorchDType.Float8E4M3Fnuz => DType.F8E4M3Fnuz,
        TorchDType.Float8E5M2Fnuz => DType.F8E5M2Fnuz,
        _ => null,
    };

    private static void Compare(string directory, string name, SafeTensorIndex index, List<(string Name, PyTorchCheckpoint File)> parts)
    {
        var problems = ShardAgreement.Problems(index, [.. parts.Select(part => (part.Name, part.File.StateDict.Tensors.Select(tensor => tensor.Name!)))]);
        if (problems.Count > 0)
        {
            throw new ShardsDifferException(Path.Combine(directory, name), problems);
        }
    }
}
