namespace HuggingFace.Hub.Client;

/// <summary>The rate over the last few seconds. Not safe for several threads; the tracker locks.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(200);
    private readonly Queue<(long Stamp, long Bytes)> _samples = new();
    private readonly long _begin = time.GetTimestamp();
    private long _last = long.MinValue;

    public double Measure(long bytes)
    {
        long now = time.GetTimestamp();
        if (_samples.Count == 0)
        {
            _samples.Enqueue((_begin, 0));
        }

        if (_last == long.MinValue || time.GetElapsedTime(_last, now) >= Spacing)
        {
            _samples.Enqueue((now, bytes));
            _last = now;
            while (_samples.Count > 2 && time.GetElapsedTime(_samples.Peek().Stamp, now) > Window)
            {
                _samples.Dequeue();
            }
        }

        (long stamp, long old) = _samples.Peek();
        double seconds = time.GetElapsedTime(stamp, now).TotalSeconds;
        return seconds > 0 ? Math.Max(0, bytes - old) / seconds : 0;
    }
}
