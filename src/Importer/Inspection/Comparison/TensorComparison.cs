namespace Importer.Inspection.Comparison;

/// <summary>One tensor that two checkpoints have, compared.</summary>
public sealed record TensorComparison
{
    /// <summary>The common name.</summary>
    public required string Name { get; init; }

    /// <summary>The tensor in the first checkpoint.</summary>
    public required ComparedTensor A { get; init; }

    /// <summary>The tensor in the second checkpoint.</summary>
    public required ComparedTensor B { get; init; }

    /// <summary>What the comparison of the elements came to; null where the shapes differ, so that nothing can be compared.</summary>
    public ElementComparison? Elements { get; init; }

    /// <summary>Whether the shapes are the same.</summary>
    public bool SameShape => A.Shape.SequenceEqual(B.Shape);

    /// <summary>Whether the element types are the same.</summary>
    public bool SameDType => A.DType == B.DType;

    /// <summary>Whether nothing differs that counts, by the options of the comparison.</summary>
    public required bool IsSame { get; init; }
}
