using static TorchSharp.torch;

namespace Importer.Models.Layers;

/// <summary>Rows that were looked up in an embedding, as leaves of the graph. Outlives dispose scopes.</summary>
/// <param name="Rows">Their numbers, I64 [n].</param>
/// <param name="Vectors">What is in them, [n, size], with a gradient of its own.</param>
internal sealed record EmbeddingLookup(Tensor Rows, Tensor Vectors) : IDisposable
{
    /// <summary>Looks rows up.</summary>
    public static EmbeddingLookup In(Tensor table, Tensor input)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        var rows = input.reshape(-1);
        var vectors = table.index_select(0, rows);
        return new EmbeddingLookup(rows.DetachFromDisposeScope(), vectors.requires_grad_().DetachFromDisposeScope());
    }

    /// <summary>Adds the gradient to the table's.</summary>
    public void AddTo(Tensor table)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        if (Vectors.grad is not { } gradient)
        {
            return;
        }

        if (table.grad is not { } sum)
        {
            table.grad = sum = zeros_like(table);
        }

        sum.index_add_(0, Rows, gradient, 1);
    }

    public void Dispose()
    {
        Rows.Dispose();
        Vectors.Dispose();
    }
}
