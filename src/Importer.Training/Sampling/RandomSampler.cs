using Importer.Generation;

namespace Importer.Training.Sampling;

/// <summary>
/// Draws each window's place at random, independently of all others, as nanoGPT does; but by its index, without a generator's
/// state. An epoch is as many draws as there are windows that do not overlap: some tokens are read more than once in it, some not at
/// all.
/// </summary>
/// <remarks>
/// Every place at which a whole window fits is as likely as any other, to within tokens / 2⁶⁴. nanoGPT's own sequence, which comes out
/// of torch's generator, is another sampler's.
/// </remarks>
public sealed class RandomSampler : IWindowSampler
{
    private const uint Purpose = 0x52414e44; // keeps these draws apart from every other use of the seed

    private readonly long _places;
    private readonly long _seed;

    /// <summary>Makes the sampler.</summary>
    /// <param name="tokenCount">Tokens of the split.</param>
    /// <param name="blockSize">Tokens per window.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentOutOfRangeException">The block size is not positive.</exception>
    /// <exception cref="TooFewTokensException">The data is not longer than one block.</exception>
    public RandomSampler(long tokenCount, int blockSize, long seed)
    {
        WindowsPerEpoch = WindowSampler.CountWindows(tokenCount, blockSize);
        _places = tokenCount - blockSize;
        _seed = seed;
    }

    /// <inheritdoc/>
    public long WindowsPerEpoch { get; }

    /// <inheritdoc/>
    public long Offset(long globalSampleIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(globalSampleIndex);
        var (high, low, _, _) = Philox.Block(
            (uint)globalSampleIndex, (uint)(globalSampleIndex >> 32), 0, Purpose, (uint)_seed, (uint)(_seed >> 32));

        // The upper half of the product spreads 64 random bits over the places (Lemire 2019, "Fast random integer generation").
        return (long)Math.BigMul(((ulong)high << 32) | low, (ulong)_places, out _);
    }
}
