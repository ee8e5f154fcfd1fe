using Importer.Training.Sampling;

namespace Importer.Training.Data;

/// <summary>Batches for the trainer: windows of tokens at the places that a sampler gives. It has no state.</summary>
public sealed class WindowBatchSource : IBatchSource
{
    private readonly ITokenSource _tokens;
    private readonly IWindowSampler _sampler;
    private readonly int _blockSize;

    /// <summary>Makes the source.</summary>
    /// <param name="tokens">The tokens; they stay the caller's.</param>
    /// <param name="sampler">Where windows begin.</param>
    /// <param name="blockSize">Tokens per window: what the sampler was made with.</param>
    public WindowBatchSource(ITokenSource tokens, IWindowSampler sampler, int blockSize)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(sampler);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 1);
        _tokens = tokens;
        _sampler = sampler;
        _blockSize = blockSize;
    }

    /// <inheritdoc/>
    public long? SamplesPerEpoch => _sampler.WindowsPerEpoch;

    /// <inheritdoc/>
    public TokenBatch Read(long firstSample, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        long[] offsets = new long[count];
        for (int i = 0; i < count; i++)
        {
            offsets[i] = _sampler.Offset(firstSample + i);
        }

        var (x, y) = _tokens.ReadBatch(offsets, _blockSize);
        return new TokenBatch(x, y);
    }
}
