namespace HuggingFace.Hub.Client.Tests;

public sealed class ConnectionRampTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly Clock _clock = new();
    private long _received;

    private ConnectionRamp Ramp() => new(() => _received, Interval, _clock);

    [Fact]
    public void Slow_connections_get_help_one_after_the_other()
    {
        ConnectionRamp ramp = Ramp();
        Assert.False(ramp.TryEnter(1)); // nothing is known yet
        for (int worker = 1; worker < 8; worker++)
        {
            Assert.False(ramp.TryEnter(worker + 1)); // not its turn
            Pass(20e6 * worker);
            Assert.True(ramp.TryEnter(worker));
            Assert.False(ramp.TryEnter(worker + 1));
        }
    }

    [Fact]
    public void A_connection_that_brings_plenty_stays_alone_until_it_does_not()
    {
        ConnectionRamp ramp = Ramp();
        Pass(500e6);
        Assert.False(ramp.TryEnter(1));
        Pass(500e6);
        Assert.False(ramp.TryEnter(1));
        Pass(30e6);
        Assert.True(ramp.TryEnter(1));

        // Two that bring plenty together do not each.
        Pass(ConnectionRamp.Plenty * 1.5);
        Assert.True(ramp.TryEnter(2));
    }

    [Fact]
    public async Task Waiting_ends_where_nothing_is_left_to_do()
    {
        ConnectionRamp ramp = Ramp();
        await ramp.WaitAsync(0, () => true, CancellationToken.None);
        await ramp.WaitAsync(7, () => false, CancellationToken.None);
    }

    private void Pass(double rate)
    {
        _clock.Now += Interval;
        _received += (long)(rate * Interval.TotalSeconds);
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
