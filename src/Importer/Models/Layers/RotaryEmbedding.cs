using static TorchSharp.torch;

namespace Importer.Models.Layers;

/// <summary>
/// Rotary position embedding (Su et al. 2021, arXiv 2104.09864), in the half-split form of GPT-NeoX and transformers: element i
/// of a head is rotated with element i + size/2.
/// </summary>
internal sealed class RotaryEmbedding
{
    private readonly float[] _frequencies;

    /// <param name="size">How many elements of a head are rotated, from its first on; even.</param>
    /// <param name="theta">The base of the wavelengths.</param>
    /// <param name="scaling">How the context was stretched; null where it was not.</param>
    public RotaryEmbedding(int size, double theta, RopeScaling? scaling)
    {
        Size = size;
        _frequencies = new float[size / 2];
        for (int i = 0; i < _frequencies.Length; i++)
        {
            // In single precision, as transformers: at thousands of positions a more exact angle would be another one.
            float frequency = 1f / MathF.Pow((float)theta, 2f * i / size);
            _frequencies[i] = scaling?.Apply(frequency) ?? frequency;
        }
    }

    /// <summary>How many elements of a head are rotated.</summary>
    public int Size { get; }

    /// <summary>The rotation at some positions.</summary>
    /// <param name="positions">I64 [length] or [batch, length].</param>
    /// <param name="dtype">The dtype of what will be rotated.</param>
    public Rotation At(Tensor positions, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var frequencies = tensor(_frequencies, device: positions.device);
        var angles = positions.to(float32).unsqueeze(-1) * frequencies;
        angles = angles.view(positions.shape is [var batch, _] ? batch : 1, 1, positions.shape[^1], _frequencies.Length);
        return new Rotation(angles.cos().to(dtype).DetachFromDisposeScope(), angles.sin().to(dtype).DetachFromDisposeScope());
    }
}
