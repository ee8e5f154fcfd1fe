using Importer.Training.Data;
using static TorchSharp.torch;

namespace Importer.Training.NanoGpt;

/// <summary>
/// nanoGPT's <c>get_batch</c>: windows anywhere in the data, drawn from torch's own generator one batch ahead. The numbers of windows
/// mean nothing to it; where it is follows from the generator's state and from what is drawn and not yet read.
/// </summary>
/// <remarks>For <see cref="TrainingOptions.NanogptCompat"/>. The samplers draw without a state, and so are the better choice.</remarks>
public sealed class NanoGptBatchSource : IPrefetchingSource
{
    private readonly ITokenSource _tokens;
    private readonly int _blockSize;

    /// <param name="tokens">The split's tokens.</param>
    /// <param name="blockSize">Tokens per window.</param>
    /// <exception cref="TooFewTokensException">The data is not longer than one block.</exception>
    public NanoGptBatchSource(ITokenSource tokens, int blockSize)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 1);
        if (tokens.Count <= blockSize)
        {
            throw new TooFewTokensException(tokens.Count, blockSize);
        }

        _tokens = tokens;
        _blockSize = blockSize;
    }

    /// <inheritdoc/>
    public long? SamplesPerEpoch => null;

    IReadOnlyList<long> IPrefetchingSource.Pending { get; set; } = [];

    /// <summary>The batch that was drawn ahead, or one that is drawn now.</summary>
    /// <param name="firstSample">Has no meaning.</param>
    /// <param name="count">Windows.</param>
    /// <returns>The batch.</returns>
    public TokenBatch Read(long firstSample, int count)
    {
        IPrefetchingSource self = this;
        long[] offsets = self.Pending.Count == count ? [.. self.Pending] : Draw(count);
        self.Pending = [];
        var (x, y) = _tokens.ReadBatch(offsets, _blockSize);
        return new TokenBatch(x, y);
    }

    void IPrefetchingSource.Prefetch(int count)
    {
        IPrefetchingSource self = this;
        if (self.Pending.Count == 0)
        {
            self.Pending = Draw(count);
        }
    }

    private long[] Draw(int count)
    {
        using var offsets = randint(0, _tokens.Count - _blockSize, [count], dtype: ScalarType.Int64);
        return offsets.data<long>().ToArray();
    }
}
