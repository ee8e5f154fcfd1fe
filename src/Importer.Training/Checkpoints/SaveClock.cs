namespace Importer.Training.Checkpoints;

/// <summary>What saving costs the run: the time for which the updates wait.</summary>
internal sealed class SaveClock(TimeProvider time)
{
    // A share of less than this is noise.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private const double Limit = 0.05;

    private readonly long _started = time.GetTimestamp();
    private bool _warned;

    /// <summary>For how long updates have waited.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>The part of this process's time, 0 to 1.</summary>
    public double Share => Waited / TimeSpan.FromTicks(Math.Max(1, time.GetElapsedTime(_started).Ticks));

    /// <summary>Does something for which the run waits.</summary>
    public T Wait<T>(Func<T> action)
    {
        long begin = time.GetTimestamp();
        try
        {
            return action();
        }
        finally
        {
            Waited += time.GetElapsedTime(begin);
        }
    }

    /// <summary>A warning, once, where saving takes too much of the run; null otherwise.</summary>
    public string? Warning()
    {
        if (_warned || time.GetElapsedTime(_started) < Long || Share <= Limit)
        {
            return null;
        }

        _warned = true;
        return FormattableString.Invariant(
            $"Saving takes {Share:P1} of the time ({Waited.TotalSeconds:N1} s so far). Save less often (save_interval), or beside the training (async_save).");
    }
}
