using Importer.Training.Data;
using Importer.Training.Sampling;

namespace Importer.Training;

/// <summary>Batches of a split: which windows, a sampler says; what is in them, the tokens.</summary>
/// <param name="tokens">The split's tokens.</param>
/// <param name="sampler">Where each window begins.</param>
/// <param name="blockSize">Tokens per window.</param>
public sealed class WindowBatchSource(ITokenSource tokens, IWindowSampler sampler, int blockSize) : IBatchSource
{
    /// <inheritdoc/>
    public long? SamplesPerEpoch => sampler.WindowsPerEpoch;

    /// <inheritdoc/>
    public TokenBatch Read(long firstSample, int count)
    {
        long[] offsets = new long[count];
        for (int i = 0; i < count; i++)
        {
            offsets[i] = sampler.Offset(firstSample + i);
        }

        var (ids, targets) = tokens.ReadBatch(offsets, blockSize);
        return new TokenBatch(ids, targets);
    }
}
