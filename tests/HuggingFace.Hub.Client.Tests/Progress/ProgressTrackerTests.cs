namespace HuggingFace.Hub.Client.Tests;

public sealed class ProgressTrackerTests
{
    private readonly SteppedTime _time = new();
    private readonly ProgressList _reports = new();

    [Fact]
    public void Totals_rate_and_time_left_add_up()
    {
        var tracker = new ProgressTracker(_reports, [1000, 3000], _time);
        ProgressTracker.FileProgress first = tracker.Begin("a", 1000);
        ProgressTracker.FileProgress second = tracker.Begin("b", 3000);

        first.Restart(500);
        for (int i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            second.Received(100);
        }

        HubProgress last = _reports.Reports[^1];
        Assert.Equal(("b", 1000L, 1500L, 4000L, 1000L), (last.Path, last.FileBytes, last.TotalBytes, last.TotalSize, last.ReceivedBytes));
        Assert.Equal((0, 2), (last.FilesDone, last.FilesTotal));

        // 200 bytes a second; what an earlier download left does not count.
        Assert.InRange(last.BytesPerSecond, 180, 220);
        Assert.InRange(last.TimeLeft!.Value.TotalSeconds, 2500 / 220.0, 2500 / 180.0);
    }

    [Fact]
    public void Rate_is_that_of_the_last_seconds()
    {
        var tracker = new ProgressTracker(_reports, [null], _time);
        ProgressTracker.FileProgress file = tracker.Begin("a", null);
        for (int second = 0; second < 30; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            file.Received(second < 20 ? 1000 : 10);
        }

        HubProgress last = _reports.Reports[^1];
        Assert.InRange(last.BytesPerSecond, 8, 12);
        Assert.Null(last.TotalSize);
        Assert.Null(last.TimeLeft);
    }

    [Fact]
    public void Reports_come_not_more_often_than_eyes_can_follow_but_the_end_always()
    {
        var tracker = new ProgressTracker(_reports, [100_000], _time);
        ProgressTracker.FileProgress file = tracker.Begin("a", 100_000);
        for (int i = 0; i < 100_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(0.1));
            file.Received(1);
        }

        file.Finish(HubFileState.Completed, 100_000);
        file.Finish(HubFileState.Completed, 100_000);

        Assert.InRange(_reports.Reports.Count, 90, 110);
        Assert.Equal((HubFileState.Completed, 1, 100_000L), (_reports.Reports[^1].State, _reports.Reports[^1].FilesDone, _reports.Reports[^1].TotalBytes));
    }

    [Fact]
    public void Size_that_becomes_known_completes_the_total()
    {
        var tracker = new ProgressTracker(_reports, [null, 10], _time);
        ProgressTracker.FileProgress file = tracker.Begin("a", null);
        file.Restart(0);
        Assert.Null(_reports.Reports[^1].TotalSize);

        file.SetSize(5);
        file.SetSize(7);
        file.Restart(0);

        Assert.Equal(15, _reports.Reports[^1].TotalSize);
    }

    [Fact]
    public void File_that_begins_anew_gives_back_what_it_had()
    {
        var tracker = new ProgressTracker(_reports, [10], _time);
        ProgressTracker.FileProgress file = tracker.Begin("a", 10);
        file.Received(8);
        file.Restart(0);
        file.Finish(HubFileState.Completed, 10);

        Assert.Equal(10, _reports.Reports[^1].TotalBytes);
    }

    private sealed class SteppedTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
