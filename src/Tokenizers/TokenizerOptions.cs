namespace PretrainedTokenizers;

/// <summary>How a tokenizer is loaded.</summary>
public sealed class TokenizerOptions
{
    internal static TokenizerOptions Default { get; } = new();

    /// <summary>
    /// How many words, at most, a byte-level tokenizer remembers with their ids; rounded up to a power of two, 0 for none. A full cache
    /// takes about 100 bytes for each. Default 65,536.
    /// </summary>
    public int CacheSize { get; init; } = 1 << 16;

    /// <summary>
    /// Whether a byte for which the vocabulary has no token is dropped from texts in silence, as transformers does. Otherwise, which is the
    /// default, such a vocabulary is refused: not every text can be encoded and decoded again.
    /// </summary>
    public bool DropUnknownBytes { get; init; }

    /// <summary>What files and texts may ask for.</summary>
    public TokenizerLimits Limits { get; init; } = TokenizerLimits.Default;

    internal TokenizerOptions Validated()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(CacheSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(CacheSize, 1 << 26);
        ArgumentNullException.ThrowIfNull(Limits);
        Limits.Validated();
        return this;
    }
}
