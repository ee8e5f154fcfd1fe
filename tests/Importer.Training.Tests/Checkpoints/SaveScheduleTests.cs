using Importer.Training.Checkpoints;

namespace Importer.Training.Tests.Checkpoints;

public sealed class SaveScheduleTests
{
    [Fact]
    public void Every_N_updates_and_never_before_the_first() =>
        Assert.Equal([100, 200, 300, 400], Steps(new SaveSchedule(100, 450, adaptive: false, floor: 1), 450));

    [Fact]
    public void Near_the_end_what_is_left_is_halved_again_and_again() => Assert.Equal(
        [20000, 29999, 34998, 37498, 38748, 39373, 39685, 39841, 39919, 39958, 39978, 39988, 39993, 39995, 39996, 39997],
        Steps(new SaveSchedule(20000, 39998, adaptive: true, floor: 1), 39998));

    [Fact]
    public void A_floor_keeps_the_last_ones_apart() => Assert.Equal(
        [20000, 29999, 34998, 37498, 38748, 39373, 39685, 39841, 39919, 39958, 39978, 39988],
        Steps(new SaveSchedule(20000, 39998, adaptive: true, floor: 10), 39998));

    [Theory]
    [InlineData(15)]
    [InlineData(100)]
    [InlineData(5000)]
    [InlineData(600_001)]
    public void Auto_is_between_a_twentieth_and_a_tenth(long total) => Assert.InRange(SaveSchedule.Auto(total), total / 20.0, total / 10.0);

    [Fact]
    public void The_saves_that_are_left_are_counted_with_the_last()
    {
        Assert.Equal(3, new SaveSchedule(100, 250, false, 1).CountAfter(0, 250, 1));
        Assert.Equal(2, new SaveSchedule(100, 250, false, 1).CountAfter(100, 250, 1));
        Assert.Equal(1, new SaveSchedule(1000, 10, false, 1).CountAfter(0, 10, 1));
        Assert.Equal(5, new SaveSchedule(null, 100, false, 1).CountAfter(0, 100, 20));
    }

    [Theory]
    [InlineData(100, 1000, 250, 2)] // 500, 1000
    [InlineData(100, 1000, 1, 10)]
    [InlineData(7, 1000, 10, 15)] // 70, 140, ..., 980, and the end
    [InlineData(100, 1000, 3_000_000_000_000, 0)]
    public void The_saves_that_stay_for_good_are_counted(long interval, long total, long every, int expected)
    {
        var schedule = new SaveSchedule(interval, total, adaptive: false, floor: 1);
        Assert.Equal(expected, schedule.CountMultiplesAfter(0, total, 1, every));
        Assert.Equal(expected, Steps(schedule, total).Append(total).Distinct().Count(step => step % every == 0));
        Assert.Equal(Steps(schedule, total).Append(total).Distinct().Count(step => step > 400 && step % every == 0), schedule.CountMultiplesAfter(400, total, 1, every));
    }

    private static long[] Steps(SaveSchedule schedule, long total) => [.. Enumerable.Range(0, (int)total + 1).Select(step => (long)step).Where(schedule.IsDue)];
}
