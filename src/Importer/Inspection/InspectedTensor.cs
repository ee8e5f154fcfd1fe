using Importer.Inspection.Statistics;
using Importer.Mapping;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Inspection;

/// <summary>One tensor of a checkpoint, and what becomes of it.</summary>
public sealed record InspectedTensor
{
    /// <summary>Name, dtype, shape and place as the header announces them.</summary>
    public required SourceTensor Tensor { get; init; }

    /// <summary>The product of the dimensions; 1 for a scalar.</summary>
    public required long Elements { get; init; }

    /// <summary>The layer: the name up to its first number, such as <c>h.0</c>, or else without its last part, such as <c>wte</c>.</summary>
    public required string Layer { get; init; }

    /// <summary>What becomes of it; null where no plan could be made.</summary>
    public TensorFate? Fate { get; init; }

    /// <summary>The parameters that it fills, or is the second copy of; empty where it fills none.</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];

    /// <summary>What is done to it on the way, such as <c>t</c>; empty where it stays as it is.</summary>
    public string Operation { get; init; } = "";

    /// <summary>The dtype of the parameter it fills, where that is another; else null.</summary>
    public DType? ConvertedTo { get; init; }

    /// <summary>Why it is dropped or tied, in the mapping's words; null where there is nothing to say.</summary>
    public string? Reason { get; init; }

    /// <summary>Its values in figures; null where they were not asked for, its elements are no numbers (F6), or there is a <see cref="Problem"/>.</summary>
    public TensorStatistics? Statistics { get; init; }

    /// <summary>
    /// Why its values cannot be read, such as a boolean that is neither 0 nor 1; null where they can, or statistics were not asked for.
    /// </summary>
    public string? Problem { get; init; }
}
