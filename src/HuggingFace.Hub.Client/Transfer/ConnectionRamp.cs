namespace HuggingFace.Hub.Client;

/// <summary>
/// Lets the connections of a download in one after the other, and no further one while those that are busy bring plenty: more of them would
/// only take processor time from each other and fight over the file.
/// </summary>
internal sealed class ConnectionRamp(Func<long> received, TimeSpan interval, TimeProvider time)
{
    /// <summary>Bytes per second that no server grants one connection that it limits, and no distance allows.</summary>
    public const double Plenty = 150e6;

    private readonly Lock _lock = new();
    private long _since = time.GetTimestamp();
    private long _bytes = received();
    private int _busy = 1;

    /// <summary>Waits for a worker's turn; worker 0 has it at once.</summary>
    /// <param name="worker">Its number.</param>
    /// <param name="hasWork">Whether there is anything left to do; without it waiting ends.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task WaitAsync(int worker, Func<bool> hasWork, CancellationToken cancellationToken)
    {
        while (worker > 0 && hasWork() && !TryEnter(worker))
        {
            await Task.Delay(interval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether it is a worker's turn; if so, the next one's turn is an interval away.</summary>
    internal bool TryEnter(int worker)
    {
        lock (_lock)
        {
            if (worker != _busy)
            {
                return worker < _busy;
            }

            long now = time.GetTimestamp(), bytes = received();
            TimeSpan passed = time.GetElapsedTime(_since, now);
            if (passed < interval)
            {
                return false;
            }

            double each = (bytes - _bytes) / passed.TotalSeconds / _busy;
            (_since, _bytes) = (now, bytes);
            if (each >= Plenty)
            {
                return false;
            }

            _busy++;
            return true;
        }
    }
}
