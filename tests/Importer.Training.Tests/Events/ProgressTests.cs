using Importer.Training.Events;
using Importer.Training.Tests.Run;

namespace Importer.Training.Tests.Events;

[Collection(TorchCollection.Name)]
public sealed class ProgressTests
{
    [Fact]
    public void The_time_left_counts_updates_as_they_are_now_and_what_is_between_them()
    {
        var time = new ManualTime();
        List<TrainingProgress> told = [];
        var observer = new ProgressObserver(new Listener(told), time);
        using var model = Tiny.Model();
        using var trainer = new Trainer(model, Tiny.Options with { MaxIters = 100 }, Tiny.Sources());
        observer.Started(trainer);
        for (int step = 1; step <= 10; step++)
        {
            // An update of 2 s, and 1 s of something else.
            time.Advance(TimeSpan.FromSeconds(3));
            observer.StepCompleted(trainer, new StepResult(step, 2.34123, 1, 6e-4, 8, 128, 0, TimeSpan.FromSeconds(2)));
        }

        Assert.Equal(10, told.Count);
        Assert.All(told, progress => Assert.Equal(64, progress.TokensPerSecond, 9));
        Assert.Equal(270, told[^1].TimeLeft!.Value.TotalSeconds, 6);
        Assert.Equal("iter 10/100: loss 2.3412, time 2000.00ms, lr 6.00e-04, 64 tokens/s, 4:30 left", told[^1].ToString());
        Assert.EndsWith(", 2d 3h left", (told[^1] with { TimeLeft = TimeSpan.FromHours(51) }).ToString(), StringComparison.Ordinal);
        Assert.EndsWith(", 3:05:00 left", (told[^1] with { TimeLeft = TimeSpan.FromMinutes(185) }).ToString(), StringComparison.Ordinal);
        Assert.EndsWith("tokens/s", (told[^1] with { TimeLeft = null }).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void It_speaks_at_the_log_interval_and_at_the_end()
    {
        List<TrainingProgress> told = [];
        using var model = Tiny.Model();
        using var trainer = new Trainer(model, Tiny.Options with { LogInterval = 5 }, Tiny.Sources(), [new ProgressObserver(new Listener(told))]);
        trainer.Run();
        Assert.Equal([5, 10, 12], told.Select(progress => progress.Step));
        Assert.Equal(TimeSpan.Zero, told[^1].TimeLeft);
    }

    private sealed class Listener(List<TrainingProgress> told) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => told.Add(value);
    }
}
