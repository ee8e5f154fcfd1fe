using System.Runtime.CompilerServices;

namespace PretrainedTokenizers;

/// <summary>What a tokenizer's files and texts may ask for at most; the defaults are far above every published tokenizer.</summary>
public sealed class TokenizerLimits
{
    internal static TokenizerLimits Default { get; } = new();

    /// <summary>The length of one file in bytes. Loading may take some 25 times as much. Default 64 MiB.</summary>
    public long MaxFileBytes { get; init; } = 64L << 20;

    /// <summary>
    /// The largest id plus one. Memory of 8 bytes is taken for each id below the largest, used or not. Default 4,194,304.
    /// </summary>
    public int MaxVocabularySize { get; init; } = 1 << 22;

    /// <summary>
    /// Characters (UTF-16 units) of one added token, up to 65,535: matching takes, at worst, as many steps for each character of a text.
    /// Default 1,024.
    /// </summary>
    public int MaxAddedTokenLength { get; init; } = 1024;

    /// <summary>
    /// Characters (UTF-16 units) that encoding a stream holds at most while it looks for a place where the text may be cut without changing
    /// an id: a longer word cannot be encoded from a stream. Default 67,108,864.
    /// </summary>
    public int MaxStreamBuffer { get; init; } = 1 << 26;

    internal TokenizerLimits Validated()
    {
        Positive(MaxFileBytes, Array.MaxLength);
        Positive(MaxVocabularySize, 1 << 28);
        Positive(MaxAddedTokenLength, ushort.MaxValue);
        Positive(MaxStreamBuffer, 1 << 29);
        return this;
    }

    private static void Positive(long value, long max, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max, name);
    }
}
