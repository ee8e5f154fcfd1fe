using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Layers;

/// <summary>A table of vectors, [rows, size], looked up by row.</summary>
internal sealed class Embedding : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    public Embedding(int rows, int size, ParameterScope parameters)
        : base(nameof(Embedding))
    {
        _weight = parameters.Create("weight", rows, size);
        RegisterComponents();
    }

    /// <summary>The table, [rows, size].</summary>
    public Parameter Weight => _weight;

    /// <summary>
    /// Takes the rows that are looked up, where it is set: they become leaves of the graph, so that a trainer adds their gradients
    /// to the table's, where autograd would make a table of zeros for them first.
    /// </summary>
    public IList<EmbeddingLookup>? Lookups { get; set; }

    /// <summary>The rows named by <paramref name="input"/>.</summary>
    /// <param name="input">Row numbers, I64, of any shape.</param>
    /// <returns>The vectors: the shape of <paramref name="input"/> and one more dimension.</returns>
    public override Tensor forward(Tensor input)
    {
        long[] shape = [.. input.shape, _weight.shape[1]];
        if (Lookups is { } lookups && is_grad_enabled() && _weight.requires_grad)
        {
            var lookup = EmbeddingLookup.In(_weight, input);
            lookups.Add(lookup);
            return lookup.Vectors.reshape(shape);
        }

        using var rows = input.reshape(-1);
        using var vectors = _weight.index_select(0, rows);
        return vectors.reshape(shape);
    }

    /// <summary>The rows of a pass's positions: a view [length, size] where they are consecutive, else [batch, length, size].</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="offset">The row of position 0.</param>
    public Tensor At(ForwardPass pass, int offset = 0)
    {
        if (pass.IsConsecutive)
        {
            return _weight.narrow(0, pass.Start + offset, pass.Length);
        }

        if (offset == 0)
        {
            return call(pass.Positions);
        }

        using var rows = pass.Positions + offset;
        return call(rows);
    }
}
