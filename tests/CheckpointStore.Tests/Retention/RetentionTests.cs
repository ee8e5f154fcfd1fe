using FsCheck;
using FsCheck.Fluent;

namespace CheckpointStorage.Tests.Retention;

public sealed class RetentionTests
{
    [Fact]
    public async Task The_last_the_best_every_kth_and_the_pinned_stay()
    {
        using var store = MemoryStore.Open(MemoryStore.Files(), new() { Retention = new() { KeepLast = 2, KeepBest = 2, KeepEvery = 100 } });
        (long, double)[] saves = [(100, 9), (110, 1), (120, 8), (130, 2), (140, 7), (200, 6), (210, 5), (220, 4), (230, 3)];
        foreach (var (step, metric) in saves)
        {
            CheckpointSaveResult result = await store.SaveAsync(Sample.Content(step, metric));
            if (step == 120)
            {
                store.Pin(result.Checkpoint);
            }
        }

        Assert.Equal([230L, 220, 200, 130, 120, 110, 100], store.List().Select(info => info.Step));
        store.Unpin(store.Resolve("step:120"));
        CheckpointSaveResult last = await store.SaveAsync(Sample.Content(240, 10));
        Assert.Equal([120L, 220], last.Removed.Select(id => CheckpointName.TryParse(id, out CheckpointName? name) ? name.Step : -1));
    }

    [Fact]
    public async Task A_checkpoint_may_be_pinned_from_the_beginning()
    {
        using var store = MemoryStore.Open(MemoryStore.Files(), new() { Retention = new() { KeepLast = 1, KeepBest = 0 } });
        await store.SaveAsync(Sample.Content(1) with { Pin = true });
        await store.SaveAsync(2);
        await store.SaveAsync(3);

        Assert.Equal([(3L, false), (1L, true)], store.List().Select(info => (info.Step, info.IsPinned)));
    }

    [Fact]
    public async Task One_that_another_process_pins_while_it_is_rotated_stays()
    {
        ModelFileSystem files = MemoryStore.Files();
        using var store = MemoryStore.Open(files, new() { Retention = new() { KeepLast = 1, KeepBest = 0 } });
        CheckpointInfo first = await store.SaveAsync(1);
        string mark = Path.Combine(first.Directory, ".pinned");
        files.BeforeOperation = (_, what) =>
        {
            if (what.StartsWith($"rename {first.Id} ", StringComparison.Ordinal) && files.Find(mark) is null)
            {
                files.BeforeOperation = null;
                files.CreateFile(mark).Flush();
            }
        };
        CheckpointSaveResult second = await store.SaveAsync(Sample.Content(2));

        Assert.Empty(second.Removed);
        Assert.Empty(second.Warnings);
        Assert.Equal([(2L, false), (1L, true)], store.List().Select(info => (info.Step, info.IsPinned)));
        Assert.Equal([2L], (await store.SaveAsync(Sample.Content(3))).Removed.Select(id => CheckpointName.TryParse(id, out CheckpointName? name) ? name.Step : -1));
    }

    [Fact]
    public async Task Another_configuration_in_the_same_directory_is_never_rotated_away_and_has_its_own_best()
    {
        using var store = MemoryStore.Open(MemoryStore.Files(), new() { Retention = new() { KeepLast = 1, KeepBest = 1 } });
        await store.SaveAsync(Sample.Content(1, 1, config: "large"));
        for (int step = 2; step < 6; step++)
        {
            await store.SaveAsync(Sample.Content(step, 10 + step, config: "small"));
        }

        Assert.Equal([(5L, "small"), (2L, "small"), (1L, "large")], store.List().Select(info => (info.Step, info.Configuration["n_layer"])));
        Assert.Equal(2, store.Resolve("best").Step);
        Assert.Equal(store.List().Count, store.List().Select(info => info.Id).Distinct().Count());
    }

    [Fact]
    public async Task One_that_cannot_be_read_is_neither_counted_nor_removed()
    {
        ModelFileSystem files = MemoryStore.Files();
        using var store = MemoryStore.Open(files, new() { Retention = new() { KeepLast = 1, KeepBest = 0 } });
        CheckpointInfo bad = await store.SaveAsync(1);
        files.Corrupt(Path.Combine(bad.Directory, "manifest.json"), _ => "{}"u8.ToArray());
        await store.SaveAsync(2);
        await store.SaveAsync(3);

        Assert.Equal([3L, 1], store.List().Select(info => info.Step));
    }

    [Fact]
    public void Whatever_is_saved_the_rules_hold_and_the_disk_is_bounded() => Prop.ForAll(
        Arb.From(
            from last in Gen.Choose(1, 4)
            from best in Gen.Choose(0, 3)
            from every in Gen.Choose(0, 5)
            from metrics in Gen.ListOf(Gen.Elements(1.0, 2, 3, 4, 5, double.NaN), 12)
            select (last, best, every, metrics: metrics.ToArray())),
        run =>
        {
            ModelFileSystem files = MemoryStore.Files();
            var policy = new RetentionPolicy { KeepLast = run.last, KeepBest = run.best, KeepEvery = run.every == 0 ? null : run.every };
            using var store = MemoryStore.Open(files, new() { Retention = policy });
            List<CheckpointInfo> all = [];
            long most = 0;
            files.AfterOperation = _ => most = Math.Max(most, files.UsedBytes);
            for (int i = 0; i < run.metrics.Length; i++)
            {
                all.Add(store.SaveAsync(i + 1, run.metrics[i]).Result);
            }

            // Said another way than the code says it.
            var expected = all.Where(info =>
                info.Step > all.Count - run.last
                || (run.every > 0 && info.Step % run.every == 0)
                || (!double.IsNaN(info.Metric!.Value)
                    && all.Count(o => o.Metric < info.Metric || (o.Metric == info.Metric && o.Step < info.Step)) < run.best)).Select(info => info.Step).ToHashSet();
            var there = store.List().Select(info => info.Step).ToHashSet();

            long size = all.Max(info => info.TotalBytes) + 1500; // with its manifest
            int bound = run.last + run.best + 1 + (run.every > 0 ? all.Count / run.every : 0);
            return expected.SetEquals(there) && most <= (bound + 1) * size;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Theory]
    [InlineData(0, 1, 1L)]
    [InlineData(1, -1, 1L)]
    [InlineData(1, 0, 0L)]
    public void A_policy_that_would_keep_nothing_is_refused(int last, int best, long every) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            MemoryStore.Open(MemoryStore.Files(), new() { Retention = new() { KeepLast = last, KeepBest = best, KeepEvery = every } }));

    [Fact]
    public async Task Too_little_room_is_told_before_a_run()
    {
        ModelFileSystem files = MemoryStore.Files();
        CheckpointStoreOptions options = new() { Retention = new() { KeepLast = 2, KeepBest = 1 } };
        using (var store = MemoryStore.Open(files, options))
        {
            files.Capacity = files.UsedBytes + 4999;
            var error = Assert.Throws<InsufficientDiskSpaceException>(() => store.CheckDiskSpace(1000));
            Assert.Equal(new DiskSpaceReport(5000, 4999, 5), error.Report);
            files.Capacity++;
            Assert.True(store.CheckDiskSpace(1000).IsEnough);
            Assert.Equal(3000, store.CheckDiskSpace(1000, plannedSaves: 1).RequiredBytes);

            // What checkpoints take that will make room counts as free, what stays does not; one more must fit in any case.
            files.Capacity = null;
            CheckpointInfo one = await store.SaveAsync(1);
            Assert.Equal(4 * one.TotalBytes, store.CheckDiskSpace(one.TotalBytes).RequiredBytes);
            store.Pin(one);
            Assert.Equal(5 * one.TotalBytes, store.CheckDiskSpace(one.TotalBytes).RequiredBytes);
            Assert.Equal(5, store.CheckDiskSpace(1).RequiredBytes);
            store.Unpin(one);
            Assert.Equal(1, store.CheckDiskSpace(1).RequiredBytes);
            // Those of every K-th step come on top, and make no room.
            Assert.Equal(5 * one.TotalBytes + 10 * one.TotalBytes - one.TotalBytes, store.CheckDiskSpace(one.TotalBytes, 100, plannedForGood: 10).RequiredBytes);
            Assert.Equal(6 * one.TotalBytes, store.CheckDiskSpace(one.TotalBytes, 5, plannedForGood: 10).RequiredBytes);
            Assert.Equal(long.MaxValue, store.CheckDiskSpace(long.MaxValue / 2, 100, plannedForGood: 10).RequiredBytes);
            files.Capacity = files.UsedBytes;
        }

        using (var store = MemoryStore.Open(files, options with { DiskCheck = DiskCheck.Off, Retention = new() { KeepLast = null } }))
        {
            Assert.Equal(3000, store.CheckDiskSpace(1000, plannedSaves: 1).RequiredBytes);
        }

        using (var store = MemoryStore.Open(files, options with { DiskCheck = DiskCheck.Off, Retention = new() { KeepLast = 2, KeepBest = 1, KeepEvery = 1 } }))
        {
            Assert.Equal(5000, store.CheckDiskSpace(1000).RequiredBytes);
        }

        using (var store = MemoryStore.Open(files, options with { DiskCheck = DiskCheck.Warn }))
        {
            Assert.False(store.CheckDiskSpace(1 << 20).IsEnough);
        }

        using (var store = MemoryStore.Open(files, options with { DiskCheck = DiskCheck.Off }))
        {
            Assert.True(store.CheckDiskSpace(1 << 20).IsEnough);
        }
    }
}
