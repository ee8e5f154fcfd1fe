namespace Importer.Training.Sampling;

/// <summary>Makes samplers by the name that a configuration gives them.</summary>
public static class WindowSampler
{
    /// <summary>The name of <see cref="EpochSampler"/>.</summary>
    public const string Epoch = "epoch";

    /// <summary>The name of <see cref="RandomSampler"/>.</summary>
    public const string Random = "random";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [Epoch, Random];

    /// <summary>Makes a sampler.</summary>
    /// <param name="name"><c>epoch</c> or <c>random</c>.</param>
    /// <param name="tokenCount">Tokens of the split.</param>
    /// <param name="blockSize">Tokens per window.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentException">There is no sampler of that name, or the block size is not positive.</exception>
    /// <exception cref="TooFewTokensException">The data is not longer than one block.</exception>
    public static IWindowSampler Create(string name, long tokenCount, int blockSize, long seed) => name switch
    {
        Epoch => new EpochSampler(tokenCount, blockSize, seed),
        Random => new RandomSampler(tokenCount, blockSize, seed),
        _ => throw new ArgumentException($"There is no sampler {DisplayText.Escape(name)}; choose one of {string.Join(", ", Names)}.", nameof(name)),
    };

    /// <summary>How many windows of the data do not overlap: each has its block and the token after it, which begins the next one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The block size is not positive.</exception>
    /// <exception cref="TooFewTokensException">The data is not longer than one block.</exception>
    internal static long CountWindows(long tokenCount, int blockSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 1);
        return tokenCount > blockSize ? (tokenCount - 1) / blockSize : throw new TooFewTokensException(tokenCount, blockSize);
    }
}
