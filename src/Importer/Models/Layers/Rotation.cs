using static TorchSharp.torch;

namespace Importer.Models.Layers;

/// <summary>The cosines and sines of some positions, [1 or batch, 1, length, rotated / 2].</summary>
internal sealed record Rotation(Tensor Cosines, Tensor Sines) : IDisposable
{
    /// <summary>Rotates the first elements of every head; the others, if there are any, pass.</summary>
    /// <param name="x">[batch, heads, length, head size].</param>
    public Tensor Apply(Tensor x)
    {
        using var scope = NewDisposeScope();
        long half = Cosines.shape[^1], rest = x.shape[^1] - 2 * half;
        Tensor first = x.narrow(-1, 0, half), second = x.narrow(-1, half, half);
        Tensor[] parts = [first * Cosines - second * Sines, second * Cosines + first * Sines];
        return cat(rest == 0 ? parts : [.. parts, x.narrow(-1, 2 * half, rest)], -1).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Cosines.Dispose();
        Sines.Dispose();
    }
}
