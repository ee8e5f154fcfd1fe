namespace Importer.Inspection.Comparison;

/// <summary>The elements of two tensors of the same shape, compared in double precision.</summary>
public sealed record ElementComparison
{
    /// <summary>How many elements were compared; a complex number is two.</summary>
    public required long Count { get; init; }

    /// <summary>How many have other bits; null where the element types differ.</summary>
    public long? DifferentBits { get; init; }

    /// <summary>How many have another value: zeros of either sign are equal here, and so is NaN to NaN.</summary>
    public required long DifferentValues { get; init; }

    /// <summary>How many differ by more than the tolerance; where there is none, the same as <see cref="DifferentValues"/>.</summary>
    public required long BeyondTolerance { get; init; }

    /// <summary>
    /// The largest difference between two values: infinite where one is NaN or infinite and the other is not; 0 where all are equal.
    /// </summary>
    public required double LargestDifference { get; init; }

    /// <summary>Where it is first found, an index for each dimension; null where all values are equal.</summary>
    public IReadOnlyList<long>? LargestAt { get; init; }

    /// <summary>The first checkpoint's value there; null where all values are equal.</summary>
    public double? ValueInA { get; init; }

    /// <summary>The second checkpoint's value there; null where all values are equal.</summary>
    public double? ValueInB { get; init; }

    /// <summary>How many elements of the first are NaN.</summary>
    public required long NaNsInA { get; init; }

    /// <summary>How many elements of the second are NaN.</summary>
    public required long NaNsInB { get; init; }
}
