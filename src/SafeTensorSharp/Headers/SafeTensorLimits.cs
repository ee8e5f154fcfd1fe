namespace SafeTensorSharp;

/// <summary>
/// Bounds on what a header may ask for, so that reading a hostile file takes work and memory in proportion to its header at most.
/// The writer keeps the same bounds: what it writes, the reader takes.
/// </summary>
public sealed class SafeTensorLimits
{
    /// <summary>The limits that hold where none are given.</summary>
    public static SafeTensorLimits Default { get; } = new();

    /// <summary>The header's length in bytes (N), inclusive; 100,000,000 by default, as in the reference implementation.</summary>
    public long MaxHeaderBytes { get; init; } = 100_000_000;

    /// <summary>The number of tensors; 1,000,000 by default.</summary>
    public int MaxTensors { get; init; } = 1_000_000;

    /// <summary>The number of entries of <c>__metadata__</c>; 100,000 by default.</summary>
    public int MaxMetadataEntries { get; init; } = 100_000;

    /// <summary>The number of dimensions of a tensor; 64 by default, as in libtorch.</summary>
    public int MaxRank { get; init; } = 64;

    /// <summary>The length of a tensor's name in bytes of UTF-8, unescaped; 4,096 by default.</summary>
    public int MaxNameBytes { get; init; } = 4096;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHeaderBytes, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxHeaderBytes, Array.MaxLength - SafeTensorHeader.LengthBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxTensors);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxMetadataEntries);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxRank);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxNameBytes);
    }
}
