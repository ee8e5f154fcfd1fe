namespace PyTorchCheckpoints;

/// <summary>
/// Bounds on what a file may ask for, so that a hostile one costs time and memory in proportion to its pickle at most. The defaults
/// are far above what real checkpoints need: that of a model with a thousand tensors is about 100 KB of pickle.
/// </summary>
public sealed class CheckpointLimits
{
    /// <summary>The limits that hold where none are given.</summary>
    public static CheckpointLimits Default { get; } = new();

    /// <summary>The length of the pickle (<c>data.pkl</c>), and of a zip container's directory, in bytes; 256 MiB by default.</summary>
    public long MaxPickleBytes { get; init; } = 256L << 20;

    /// <summary>The number of opcodes of a pickle; 50,000,000 by default.</summary>
    public int MaxOpcodes { get; init; } = 50_000_000;

    /// <summary>The depth of the pickle machine's stack; 1,000,000 by default.</summary>
    public int MaxStack { get; init; } = 1_000_000;

    /// <summary>The entries of the pickle machine's memo; 5,000,000 by default.</summary>
    public int MaxMemo { get; init; } = 5_000_000;

    /// <summary>The number of objects that a pickle makes, tensors and their shapes included; 2,000,000 by default.</summary>
    public int MaxObjects { get; init; } = 2_000_000;

    /// <summary>The number of entries of all dictionaries and lists together; 1,000,000 by default.</summary>
    public int MaxEntries { get; init; } = 1_000_000;

    /// <summary>How deep containers may lie in each other; 256 by default.</summary>
    public int MaxDepth { get; init; } = 256;

    /// <summary>The length of a text that is a key in bytes of UTF-8; 64 KiB by default.</summary>
    public int MaxKeyBytes { get; init; } = 64 << 10;

    /// <summary>The length of any other text in bytes; 16 MiB by default.</summary>
    public int MaxTextBytes { get; init; } = 16 << 20;

    /// <summary>The number of dimensions of a tensor; 64 by default, as in libtorch.</summary>
    public int MaxRank { get; init; } = 64;

    /// <summary>
    /// How many times larger than its storage a tensor may be that repeats elements (stride 0); 16 by default. Up to 1 MiB is always
    /// allowed.
    /// </summary>
    public int MaxExpansion { get; init; } = 16;

    /// <summary>The number of records in a zip container; 1,000,000 by default.</summary>
    public int MaxRecords { get; init; } = 1_000_000;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxPickleBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxOpcodes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxStack);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxStack, 100_000_000);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxMemo);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxObjects);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxEntries);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxDepth);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDepth, 1000);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxKeyBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxTextBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxRank);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxExpansion);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxRecords);
    }
}
