namespace Importer.Inspection.Comparison;

/// <summary>In what two checkpoints differ.</summary>
public sealed partial record CheckpointComparison
{
    /// <summary>The first checkpoint: its directory, its file, or its id on the hub.</summary>
    public required string A { get; init; }

    /// <summary>The second checkpoint.</summary>
    public required string B { get; init; }

    /// <summary>By which names tensors were brought together.</summary>
    public required ComparisonNaming Naming { get; init; }

    /// <summary>The tolerance; null where every bit counts.</summary>
    public double? Tolerance { get; init; }

    /// <summary>The fields in which the configurations differ.</summary>
    public required IReadOnlyList<ConfigDifference> Config { get; init; }

    /// <summary>Tensors that only the first has.</summary>
    public required IReadOnlyList<NamedTensor> OnlyInA { get; init; }

    /// <summary>Tensors that only the second has.</summary>
    public required IReadOnlyList<NamedTensor> OnlyInB { get; init; }

    /// <summary>Tensors that both have, those that are the same included.</summary>
    public required IReadOnlyList<TensorComparison> Tensors { get; init; }

    /// <summary>Where parameters are compared: second copies of tied ones that differ from their original, a sentence each.</summary>
    public required IReadOnlyList<string> BrokenTies { get; init; }

    /// <summary>What was not compared, and why; a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Whether nothing differs that counts.</summary>
    public bool IsSame => OnlyInA.Count == 0 && OnlyInB.Count == 0 && Tensors.All(tensor => tensor.IsSame) && BrokenTies.Count == 0 && !Config.Any(difference => difference.Counts);
}
