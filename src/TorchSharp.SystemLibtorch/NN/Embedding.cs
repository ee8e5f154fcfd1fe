using System.Diagnostics.CodeAnalysis;
using TorchSharp.Interop;
using TorchSharp.Utils;

namespace TorchSharp.Modules;

/// <summary>A table of vectors, of shape (num_embeddings, embedding_dims), looked up by row numbers.</summary>
public sealed class Embedding : torch.nn.Module<torch.Tensor, torch.Tensor>
{
    private static readonly Op Lookup = "aten::embedding", Renormalize = "aten::embedding_renorm_";

    private readonly EmbeddingOptions _options;

    [ComponentName(Name = nameof(weight))]
    private Parameter? _weight;

    internal Embedding(Parameter weight, EmbeddingOptions options)
        : base(nameof(Embedding))
    {
        _options = options;
        this.weight = weight;
    }

    [DisallowNull]
    public Parameter? weight
    {
        get => _weight;
        set
        {
            if (ReferenceEquals(value, _weight))
                return;
            _weight?.Dispose();
            _weight = (Parameter)value.DetachFromDisposeScope();
            ConditionallyRegisterParameter(nameof(weight), _weight);
        }
    }

    public override torch.Tensor forward(torch.Tensor input)
    {
        if (_options.MaxNorm is { } maxNorm)
        {
            using var _ = torch.no_grad();
            using var flat = input.reshape(-1);
            Renormalize.Run(_weight, flat, maxNorm, _options.NormType);
        }
        return Lookup.Call(_weight, input, _options.PaddingIndex ?? -1, _options.ScaleGradByFrequency, _options.Sparse);
    }
}
