namespace Importer.Training.Sampling;

/// <summary>
/// Reads each window once per epoch, in an order that is another one in each epoch and for each seed. The order is a keyed
/// permutation that is computed, not stored, so window one billion costs no more than the first.
/// </summary>
/// <remarks>
/// <para>
/// The data is cut into windows of the block size, end to end: window <c>w</c> reads the tokens from <c>w·block</c> to
/// <c>w·block + block</c>, both included, the last only as a target. It is also the first token of the next window, so over an epoch
/// every token but the data's first is a target exactly once, and none twice.
/// </para>
/// <para>
/// What is left after the last whole window, <c>(tokens − 1) mod block</c> tokens, is not read. It is the same tail in every epoch,
/// less than one block of the whole data.
/// </para>
/// </remarks>
public sealed class EpochSampler : IWindowSampler
{
    private readonly long _seed;

    // Written and read whole: each thread may make its own, and they are all alike.
    private (long Epoch, IndexPermutation Order)[] _last;

    /// <summary>Makes the sampler.</summary>
    /// <param name="tokenCount">Tokens of the split.</param>
    /// <param name="blockSize">Tokens per window.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentOutOfRangeException">The block size is not positive.</exception>
    /// <exception cref="TooFewTokensException">The data is not longer than one block.</exception>
    public EpochSampler(long tokenCount, int blockSize, long seed)
    {
        WindowsPerEpoch = WindowSampler.CountWindows(tokenCount, blockSize);
        BlockSize = blockSize;
        _seed = seed;
        _last = [(0, new IndexPermutation(WindowsPerEpoch, seed, 0))];
    }

    /// <summary>Tokens per window.</summary>
    public int BlockSize { get; }

    /// <inheritdoc/>
    public long WindowsPerEpoch { get; }

    /// <inheritdoc/>
    public long Offset(long globalSampleIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(globalSampleIndex);
        var (epoch, index) = Math.DivRem(globalSampleIndex, WindowsPerEpoch);
        var last = _last;
        if (last[0].Epoch != epoch)
        {
            _last = last = [(epoch, new IndexPermutation(WindowsPerEpoch, _seed, epoch))];
        }

        return last[0].Order[index] * BlockSize;
    }
}
