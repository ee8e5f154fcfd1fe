namespace Importer.Training.Sampling;

/// <summary>
/// Where in the data each window of a run begins, as a function of its index alone: there is no state, so a run goes on from any
/// index in no time, and a sampler's position is the index.
/// </summary>
/// <remarks>
/// The index counts the windows of the whole run, over all processes: of a step with <c>n</c> windows, step <c>s</c> (from 0) takes the
/// indices <c>s·n … s·n + n − 1</c>, and rank <c>r</c> of <c>w</c> those that are <c>r</c> modulo <c>w</c>. So neither the number of
/// processes nor the split into micro-steps changes what is read, nor in which order.
/// </remarks>
public interface IWindowSampler
{
    /// <summary>Windows after which an epoch is over.</summary>
    long WindowsPerEpoch { get; }

    /// <summary>The first token of a window; it and the next block size tokens are read (the last one only as a target).</summary>
    /// <param name="globalSampleIndex">Which window of the run, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    long Offset(long globalSampleIndex);
}
