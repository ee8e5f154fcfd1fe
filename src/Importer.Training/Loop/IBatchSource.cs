namespace Importer.Training;

/// <summary>
/// Where batches come from: windows by their number in the run. A source without a state of its own makes a resumed run see
/// what an uninterrupted one would.
/// </summary>
public interface IBatchSource
{
    /// <summary>Windows after which every one was seen once; null where there is no such number.</summary>
    long? SamplesPerEpoch { get; }

    /// <summary>Consecutive windows of the run.</summary>
    /// <param name="firstSample">The number of the first, from 0 at the beginning of the run.</param>
    /// <param name="count">How many.</param>
    /// <returns>The batch; it is the caller's.</returns>
    TokenBatch Read(long firstSample, int count);
}
