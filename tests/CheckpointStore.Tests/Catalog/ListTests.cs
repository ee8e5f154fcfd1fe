namespace CheckpointStorage.Tests.Catalog;

public sealed class ListTests : StoreTest
{
    [Fact]
    public async Task What_was_saved_last_is_the_newest_whatever_the_clock_says()
    {
        var clock = new SettableClock();
        await using var store = CheckpointStore.Open(Root, MemoryStore.KeepAll with { TimeProvider = clock });
        long[] steps = [10, 20, 20, 5, 30];
        foreach (long step in steps)
        {
            await store.SaveAsync(step);
            clock.Now -= TimeSpan.FromDays(400);
        }

        Assert.Equal(steps.Reverse(), store.List().Select(info => info.Step));
        Assert.Equal(steps.Length, store.List().Select(info => info.Id).Distinct().Count());
        Assert.Equal(clock.Now + TimeSpan.FromDays(400), store.List()[0].SavedAt);
    }

    [Fact]
    public async Task Pointers_that_lie_mislead_nobody_and_are_set_right_by_the_next_opening()
    {
        await using (var store = CheckpointStore.Open(Root))
        {
            await store.SaveAsync(1, 5);
            await store.SaveAsync(2, 6);
            await File.WriteAllTextAsync(this["latest"], "step-00000099-20261121T061432Z-1a2b3c4d5e6f\n");
            await File.WriteAllTextAsync(this["best"], "../../etc/passwd\n");
            Assert.Equal((2L, 1L), (store.Resolve("latest").Step, store.Resolve("best").Step));
        }

        await using var again = CheckpointStore.Open(Root);
        Assert.Equal(again.List()[0].Id + "\n", await File.ReadAllTextAsync(this["latest"]));
        Assert.Equal(again.List()[1].Id + "\n", await File.ReadAllTextAsync(this["best"]));
    }

    [Fact]
    public async Task A_checkpoint_whose_manifest_is_damaged_is_listed_with_what_is_wrong()
    {
        await using var store = CheckpointStore.Open(Root);
        await store.SaveAsync(1);
        CheckpointInfo newest = await store.SaveAsync(2);
        File.Delete(Path.Combine(newest.Directory, "manifest.json"));

        CheckpointInfo listed = store.List()[0];

        Assert.Equal((newest.Id, 2L, CheckpointProblemKind.BadManifest), (listed.Id, listed.Step, listed.Problem!.Kind));
        Assert.Throws<CheckpointDamagedException>(() => store.Resolve("latest"));
        Assert.Throws<CheckpointDamagedException>(() => CheckpointStore.Identify(newest.Directory));
    }

    [Fact]
    public async Task Others_files_and_directories_are_left_alone()
    {
        Directory.CreateDirectory(this["my-model"]);
        Directory.CreateDirectory(this[".tmp-mine"]);
        await File.WriteAllTextAsync(this["metrics.jsonl"], "{}");
        await File.WriteAllTextAsync(this["step-00000001-20261121T061432Z-1a2b3c4d5e6f"], "a file with a checkpoint's name");
        await using var store = CheckpointStore.Open(Root, new() { Retention = new() { KeepLast = 1 } });
        await store.SaveAsync(1);
        await store.SaveAsync(2);

        Assert.Single(store.List());
        Assert.Superset(new HashSet<string> { "my-model", ".tmp-mine", "metrics.jsonl", "step-00000001-20261121T061432Z-1a2b3c4d5e6f" }, Names().ToHashSet());
    }

    [Fact]
    public async Task Reading_needs_no_lock_and_changes_nothing()
    {
        Assert.Empty(CheckpointStore.OpenRead(Root).List());
        Assert.Null((await CheckpointStore.OpenRead(Root).FindNewestValidAsync()).Checkpoint);
        Assert.False(Directory.Exists(Root));

        await using var writer = CheckpointStore.Open(Root);
        await writer.SaveAsync(1);
        CheckpointInfo bad = await writer.SaveAsync(2);
        await File.AppendAllTextAsync(bad.GetPath("trainer.json"), "x");
        Directory.CreateDirectory(this[".tmp-00000003-0123456789abcdef0123456789abcdef"]);
        string[] before = Names();

        using var reader = CheckpointStore.OpenRead(Root);
        CheckpointSearch search = await reader.FindNewestValidAsync();
        Assert.Equal((1L, bad.Directory), (search.Checkpoint!.Step, Assert.Single(search.Damaged).Directory));
        Assert.Throws<InvalidOperationException>(() => { _ = reader.SaveAsync(Sample.Content(3)); });
        Assert.Throws<InvalidOperationException>(() => reader.Remove(search.Checkpoint));
        Assert.Equal(before, Names());
    }

    [Fact]
    public async Task Whoever_only_reads_may_pin_beside_one_that_writes()
    {
        await using var writer = CheckpointStore.Open(Root, new() { Retention = new() { KeepLast = 1, KeepBest = 0 } });
        CheckpointInfo first = await writer.SaveAsync(1);
        using var reader = CheckpointStore.OpenRead(Root);
        reader.Pin(reader.Resolve("latest"));
        reader.Pin(reader.Resolve("latest"));
        CheckpointInfo second = await writer.SaveAsync(2);
        Assert.Equal([(2L, false), (1L, true)], writer.List().Select(info => (info.Step, info.IsPinned)));

        reader.Unpin(first);
        reader.Unpin(first);
        await writer.SaveAsync(3);
        Assert.Equal([3L], reader.List().Select(info => info.Step));
        Assert.Contains("it was removed meanwhile", Assert.Throws<CheckpointNotFoundException>(() => reader.Pin(second)).Message, StringComparison.Ordinal);
        Assert.Throws<CheckpointNotFoundException>(() => reader.Unpin(second));
        Assert.False(Directory.Exists(second.Directory));
    }

    [Fact]
    public async Task Orphans_of_a_crash_go_at_the_next_opening()
    {
        await using (var store = CheckpointStore.Open(Root))
        {
            await store.BackupAsync(await store.SaveAsync(1));
        }

        const string id = "0123456789abcdef0123456789abcdef";
        string[] orphans = [$".tmp-00000003-{id}", $".trash-{id}-step-00000001-20261121T061432Z-1a2b3c4d5e6f", $"backups/.tmp-00000003-{id}"];
        foreach (string orphan in orphans)
        {
            Directory.CreateDirectory(this[orphan, "deep"]);
            await File.WriteAllTextAsync(this[orphan, "deep", "file"], "x");
        }

        await File.WriteAllTextAsync(this[$".tmp-latest-{id}"], "half a na");
        await using var again = CheckpointStore.Open(Root);

        Assert.Empty(Leftovers());
        Assert.Single(again.List());
        Assert.Single(again.ListBackups());
    }

    [Fact]
    public async Task A_link_in_an_orphan_is_removed_and_not_followed()
    {
        Directory.CreateDirectory(this["precious"]);
        await File.WriteAllTextAsync(this["precious", "file"], "x");
        string orphan = this[".tmp-00000003-0123456789abcdef0123456789abcdef"];
        Directory.CreateDirectory(orphan);
        Directory.CreateSymbolicLink(Path.Combine(orphan, "link"), this["precious"]);

        CheckpointStore.Open(Root).Dispose();

        Assert.False(Directory.Exists(orphan));
        Assert.True(File.Exists(this["precious", "file"]));
    }
}
