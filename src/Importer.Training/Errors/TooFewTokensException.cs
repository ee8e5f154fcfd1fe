using System.Globalization;

namespace Importer.Training;

/// <summary>The data has no window: it must be longer than one block, since each token's target is the one after it.</summary>
public sealed class TooFewTokensException : TrainingException
{
    internal TooFewTokensException(long tokenCount, int blockSize, string? where = null)
        : base(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{(where is null ? "The data" : DisplayText.Escape(where))} has {tokenCount:N0} tokens, and a window needs {(long)blockSize + 1:N0}: a block of {blockSize:N0} and one more"),
            "Train on more text, or with a smaller block_size.")
    {
        TokenCount = tokenCount;
        BlockSize = blockSize;
    }

    /// <summary>Tokens that there are.</summary>
    public long TokenCount { get; }

    /// <summary>Tokens of a block.</summary>
    public int BlockSize { get; }
}
