namespace Importer.Training.Tests.Run;

/// <summary>A clock that a test moves; waiting takes no time.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public List<TimeSpan> Waits { get; } = [];

    /// <summary>Told the number of each wait, before it is over.</summary>
    public Action<int>? OnWait { get; set; }

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waits.Add(dueTime);
        OnWait?.Invoke(Waits.Count);
        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
