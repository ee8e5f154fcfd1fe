using Importer.Sources;

namespace Importer.Export;

/// <summary>
/// A GPT-2 without biases, as nanoGPT trains it, with biases of zeros: transformers has no GPT-2 without, and adding zero changes no number.
/// </summary>
internal sealed class ZeroBiasSource : TensorSource
{
    private static readonly string[] WithoutBias = ["transformer.wte.weight", "transformer.wpe.weight", "lm_head.weight"];
    private readonly TensorSource _model;
    private readonly HashSet<string> _zeros = new(StringComparer.Ordinal);

    /// <param name="model">The model's parameters; stays the caller's.</param>
    public ZeroBiasSource(TensorSource model)
    {
        _model = model;
        List<SourceTensor> tensors = [.. model.Tensors];
        long end = tensors.Count == 0 ? 0 : tensors.Max(tensor => tensor.Offset + tensor.ByteCount);
        foreach (SourceTensor weight in model.Tensors.Where(tensor => tensor.Name.EndsWith(".weight", StringComparison.Ordinal) && !WithoutBias.Contains(tensor.Name) && tensor.Shape.Count > 0))
        {
            // Layers are [out, in] and norms [width]: either way the first dimension is that of the bias.
            string name = weight.Name[..^"weight".Length] + "bias";
            long bytes = weight.ByteCount / Math.Max(1, weight.Shape.Skip(1).Aggregate(1L, (product, size) => product * size));
            if (_zeros.Add(name))
            {
                tensors.Add(new SourceTensor(name, weight.DType, [weight.Shape[0]], weight.File, end, bytes));
                end += bytes;
            }
        }

        Tensors = tensors;
    }

    public override IReadOnlyList<SourceTensor> Tensors { get; }

    public override IReadOnlyList<string> Files => _model.Files;

    public override IReadOnlyDictionary<string, string> Metadata => _model.Metadata;

    public override long HeaderBytes => _model.HeaderBytes;

    /// <summary>How many biases it adds.</summary>
    public int Added => _zeros.Count;

    public override void Read(SourceTensor tensor, long offset, Span<byte> destination)
    {
        if (_zeros.Contains(tensor.Name))
        {
            destination.Clear();
            return;
        }

        _model.Read(tensor, offset, destination);
    }

    protected override void Dispose(bool disposing)
    {
    }
}
