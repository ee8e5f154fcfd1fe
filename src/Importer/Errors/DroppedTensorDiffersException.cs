using Importer.Mapping;

namespace Importer;

/// <summary>A tensor that a mapping leaves out, because its content is known, has another content.</summary>
public sealed class DroppedTensorDiffersException : PretrainedException
{
    internal DroppedTensorDiffersException(DroppedTensor dropped, long offset)
        : base($"{dropped.Source.File}: {NameText.Quote(dropped.Source.Name)} is left out as a lower triangle of ones (a causal mask), and differs from "
            + $"that from byte {offset} on ({dropped.Rule}). If the model was trained with another mask, no model here computes it; else import without verifying.")
    {
        Tensor = dropped.Source.Name;
        Offset = offset;
    }

    /// <summary>The key of the tensor.</summary>
    public string Tensor { get; }

    /// <summary>The first byte within the tensor that differs.</summary>
    public long Offset { get; }
}
