using Importer.Training.Optimization;

namespace Importer.Training.Tests.Optimization;

public sealed class LearningRateScheduleTests
{
    private static readonly LearningRateSchedule Schedule = new() { LearningRate = 6e-4, MinLearningRate = 6e-5, WarmupSteps = 10, DecaySteps = 110 };

    [Theory]
    [InlineData(0, 6e-4 / 11)]
    [InlineData(9, 6e-4 * 10 / 11)]
    [InlineData(10, 6e-4)]
    [InlineData(60, (6e-4 + 6e-5) / 2)]
    [InlineData(110, 6e-5)]
    [InlineData(1000, 6e-5)]
    public void Is_nanoGPTs(long step, double expected) => Assert.Equal(expected, Schedule.At(step), 1e-15);

    [Fact]
    public void The_decay_is_as_long_as_the_run_and_in_compat_as_long_as_nanoGPTs()
    {
        Assert.Equal(300, LearningRateSchedule.From(new TrainingOptions(), 300).DecaySteps);
        Assert.Equal(600_000, LearningRateSchedule.From(new TrainingOptions { NanogptCompat = true }, 300).DecaySteps);
        Assert.Equal(40, LearningRateSchedule.From(new TrainingOptions { NanogptCompat = true, LrDecayIters = 40 }, 300).DecaySteps);
    }

    [Fact]
    public void Without_decay_the_rate_is_constant()
    {
        var constant = Schedule with { Decays = false };
        Assert.All([0L, 5, 50, 5000], step => Assert.Equal(6e-4, constant.At(step)));
    }

    [Fact]
    public void A_warm_up_as_long_as_the_run_divides_by_nothing()
    {
        var schedule = Schedule with { WarmupSteps = 110 };
        Assert.All(Enumerable.Range(0, 200), step => Assert.InRange(schedule.At(step), 1e-6, 6e-4));
    }

    [Fact]
    public void A_longer_run_keeps_rescales_or_holds()
    {
        Assert.Equal(6e-5, Schedule.Extend(LearningRateExtension.Keep, 110, 300).At(200));
        Assert.Equal((Schedule with { DecaySteps = 300 }).At(200), Schedule.Extend(LearningRateExtension.Rescale, 110, 300).At(200));
        var held = Schedule.Extend(LearningRateExtension.Constant, 60, 300);
        Assert.Equal(Schedule.At(59), held.At(60));
        Assert.Equal(Schedule.At(59), held.At(299));
        Assert.Equal(Schedule.At(20), held.At(20));
    }
}
