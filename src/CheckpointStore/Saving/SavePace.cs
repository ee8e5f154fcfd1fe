using System.Diagnostics;

namespace CheckpointStorage;

/// <summary>
/// Makes a save rest for most of its time, so that what runs beside it keeps the processor: each of its threads works for
/// <see cref="Share"/> of the time. <see cref="Hurry"/> ends that, for whoever has to wait for the save after all.
/// </summary>
/// <remarks>All members may be called from any thread; one pace may serve several saves.</remarks>
public sealed class SavePace
{
    private readonly object _gate = new();
    private bool _hurried;

    /// <summary>Makes a pace.</summary>
    /// <param name="share">The part of the time that a thread of the save works, above 0, and 1 at most.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public SavePace(double share)
    {
        Share = share is > 0 and <= 1 ? share : throw new ArgumentOutOfRangeException(nameof(share), share, "A share of the time is above 0, and 1 at most.");
    }

    /// <summary>The part of the time that a thread of the save works.</summary>
    public double Share { get; }

    /// <summary>Ends all resting, for good.</summary>
    public void Hurry()
    {
        lock (_gate)
        {
            _hurried = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Rests for as long as belongs to a piece of work.</summary>
    /// <param name="started">When the work began, as <see cref="Stopwatch.GetTimestamp"/> tells it; it has ended now.</param>
    /// <param name="cancellationToken">Ends the rest, without an exception.</param>
    internal void Rest(long started, CancellationToken cancellationToken)
    {
        double milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds * (1 / Share - 1);
        long end = Stopwatch.GetTimestamp() + (long)Math.Min(milliseconds / 1000 * Stopwatch.Frequency, long.MaxValue / 2);
        using var registration = cancellationToken.UnsafeRegister(static pace => ((SavePace)pace!).Wake(), this);
        lock (_gate)
        {
            while (!_hurried && !cancellationToken.IsCancellationRequested)
            {
                TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), end);
                if (left < TimeSpan.FromMilliseconds(1))
                {
                    return;
                }

                Monitor.Wait(_gate, left < TimeSpan.FromDays(1) ? left : TimeSpan.FromDays(1));
            }
        }
    }

    private void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }
}
