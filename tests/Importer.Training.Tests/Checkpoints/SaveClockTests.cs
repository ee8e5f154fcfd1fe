using Importer.Training.Checkpoints;
using Importer.Training.Tests.Run;

namespace Importer.Training.Tests.Checkpoints;

public sealed class SaveClockTests
{
    [Fact]
    public void A_share_above_a_twentieth_is_warned_of_once()
    {
        var time = new ManualTime();
        var clock = new SaveClock(time);
        Save(1);
        Assert.Null(clock.Warning()); // too early to tell
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Null(clock.Warning());
        Save(10);
        Assert.Contains("save_interval", clock.Warning(), StringComparison.Ordinal);
        Assert.Null(clock.Warning());
        Assert.Equal(11.0 / 71, clock.Share, 1e-9);

        void Save(int seconds) => clock.Wait(() =>
        {
            time.Advance(TimeSpan.FromSeconds(seconds));
            return 0;
        });
    }
}
