using static TorchSharp.torch;

namespace Importer.Models.Layers;

/// <summary>Dropout that costs nothing, not even a call, where there is none.</summary>
internal static class Dropout
{
    /// <summary>Takes <paramref name="x"/> over and returns it with dropout applied.</summary>
    public static Tensor Apply(Tensor x, double probability, bool training)
    {
        if (!training || probability == 0)
        {
            return x;
        }

        using (x)
        {
            return nn.functional.dropout(x, probability, training: true);
        }
    }
}
