using CheckpointStorage.IO;
using CheckpointStorage.Verification;

namespace CheckpointStorage.Tests.Crashes;

/// <summary>
/// The power fails after every single operation of the protocol, and every state that the disk may then be in is opened again: all of
/// them while they are few, else picked by a seed.
/// </summary>
public sealed class PowerLossTests
{
    private static readonly int Most = Environment.GetEnvironmentVariable("NIGHTLY") == "1" ? 2000 : 48;
    private const long None = 0;
    private static readonly string Root = Path.GetFullPath("/store");
    private readonly ModelFileSystem _files = new(Root);
    private readonly HashSet<long> _allowed = [];
    private int _states;
    private int _crashes;

    private static CheckpointStoreOptions Options { get; } = new() { Retention = new() { KeepLast = 2, KeepBest = 1 } };

    [Fact]
    public async Task While_saving_and_rotating_some_committed_checkpoint_always_loads_and_pointers_never_mislead()
    {
        await using var store = CheckpointStore.Open(Root, Options, _files);
        _files.AfterOperation = CheckEveryState;
        _allowed.Add(None);
        double[] metrics = [5, 3, 4, 6, 2];
        for (int step = 1; step <= metrics.Length; step++)
        {
            // Until the save has returned, either is right.
            _allowed.Add(step);
            await store.SaveAsync(Content(step, metrics[step - 1]));
            _allowed.RemoveWhere(other => other != step);
            CheckEveryState("the save has returned");
        }

        Assert.Equal([5L, 4], store.List().Select(info => info.Step));
        Assert.InRange(_crashes, 100, 1000);
        Assert.InRange(_states, 1000, int.MaxValue);
    }

    [Fact]
    public async Task While_a_run_goes_on_from_an_earlier_step_what_was_saved_last_is_the_newest()
    {
        await using var store = CheckpointStore.Open(Root, Options, _files);
        foreach (int step in new[] { 10, 20, 30 })
        {
            await store.SaveAsync(Content(step, step));
        }

        _allowed.Add(30);
        _files.AfterOperation = CheckEveryState;
        foreach (int step in new[] { 11, 12, 13 })
        {
            _allowed.Add(step);
            await store.SaveAsync(Content(step, step));
            _allowed.RemoveWhere(other => other != step);
            CheckEveryState("the save has returned");
        }

        Assert.Equal([13L, 12, 10], store.List().Select(info => info.Step));
    }

    [Fact]
    public async Task While_damaged_ones_are_put_aside_the_one_before_is_found()
    {
        await using var store = CheckpointStore.Open(Root, Options, _files);
        foreach (int step in new[] { 1, 2, 3 })
        {
            await store.SaveAsync(Content(step, step));
        }

        foreach (CheckpointInfo info in store.List().Take(2))
        {
            _files.Corrupt(info.GetPath("a.bin"), bytes => [.. bytes[..^1], (byte)~bytes[^1]]);
        }

        // Damaged ones stand under their names until they are put aside.
        _allowed.Add(1);
        _files.AfterOperation = what => CheckEveryState(what, allMustVerify: false);
        CheckpointSearch search = await store.FindNewestValidAsync();
        Assert.Equal((1L, 2), (search.Checkpoint!.Step, search.Damaged.Count));
        CheckEveryState("the search has returned");
    }

    [Fact]
    public async Task While_a_checkpoint_is_backed_up_pinned_or_removed_the_newest_stays()
    {
        await using var store = CheckpointStore.Open(Root, Options with { KeepBackups = 1 }, _files);
        foreach (int step in new[] { 1, 2, 3 })
        {
            await store.SaveAsync(Content(step, step));
        }

        _allowed.Add(3);
        _files.AfterOperation = CheckEveryState;
        CheckpointInfo[] all = [.. store.List()];
        foreach (CheckpointInfo info in all)
        {
            await store.BackupAsync(info);
            store.Pin(info);
            store.Unpin(info);
        }

        store.Remove(all[^1]);
        store.Remove(all[^2]);
        Assert.Equal([3L], store.List().Select(info => info.Step));
    }

    [Fact]
    public async Task The_opening_that_cleans_up_may_itself_be_cut_short()
    {
        await using (var store = CheckpointStore.Open(Root, Options, _files))
        {
            await store.SaveAsync(Content(1, 1));
            _allowed.Add(1);
            _allowed.Add(2);
            _files.AfterOperation = what =>
            {
                // Twice: the power fails while saving, and again at each step of the next opening.
                foreach (ModelFileSystem state in _files.CrashStates(6, _crashes))
                {
                    state.AfterOperation = _ => CheckEveryState(state, what, true);
                    CheckpointStore.Open(Root, Options, state).Dispose();
                }
            };
            await store.SaveAsync(Content(2, 2));
        }

        Assert.InRange(_states, 500, int.MaxValue);
    }

    private static CheckpointContent Content(long step, double metric) => new()
    {
        Step = step,
        Metric = metric,
        Files = [CheckpointFile.FromBytes("a.bin", Sample.Weights(step, 40)), CheckpointFile.FromText("b.json", $"{step}")],
    };

    private void CheckEveryState(string what) => CheckEveryState(_files, what, true);

    private void CheckEveryState(string what, bool allMustVerify) => CheckEveryState(_files, what, allMustVerify);

    private void CheckEveryState(ModelFileSystem files, string what, bool allMustVerify)
    {
        _crashes++;
        foreach (ModelFileSystem state in files.CrashStates(Most, _crashes))
        {
            _states++;
            try
            {
                Check(state, allMustVerify);
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException or CheckpointException or IOException)
            {
                Assert.Fail($"After crash {_crashes} ({what}), in this state:\n{Dump(state)}\n{e}");
            }
        }
    }

    private void Check(ModelFileSystem state, bool allMustVerify)
    {
        // Whatever has a checkpoint's name is whole: nothing half written, nothing half removed.
        var raw = new StoreDirectory(Root, state, Options);
        if (allMustVerify)
        {
            Assert.All(raw.Scan().Concat(raw.Scan(raw.Backups)), info => Assert.Empty(CheckpointVerifier.Verify(state, info, null, default)));
        }

        // As a script finds it, that trusts the pointers: what they name is there and whole.
        foreach (string pointer in new[] { "latest", "best" })
        {
            if (allMustVerify && raw.ReadPointer(pointer) is { } id)
            {
                Assert.Empty(CheckpointVerifier.Verify(state, raw.Read(raw.At(id)), null, default));
            }
        }

        using var store = CheckpointStore.Open(Root, Options, state);
        Assert.DoesNotContain(state.Enumerate(Root), entry => StoreNames.IsOrphan(entry.Name));
        Assert.DoesNotContain(state.Enumerate(Path.Combine(Root, "backups")), entry => StoreNames.IsOrphan(entry.Name));
        CheckpointInfo? newest = store.FindNewestValidAsync().GetAwaiter().GetResult().Checkpoint;
        Assert.Contains(newest?.Step ?? None, _allowed);
        if (newest is not null)
        {
            Assert.Equal(Sample.Weights(newest.Step, 40), store.ReadAllBytes(newest, "a.bin"));
        }

        Assert.Equal(newest?.Id, raw.ReadPointer("latest"));
        long next = (newest?.Step ?? 0) + 1;
        Assert.Empty(store.SaveAsync(Content(next, 9)).GetAwaiter().GetResult().Warnings);
        Assert.Equal(next, store.Resolve("latest").Step);
    }

    private static string Dump(ModelFileSystem state) => string.Join('\n', Lines(state, Root));

    private static IEnumerable<string> Lines(ModelFileSystem state, string directory) => state.Enumerate(directory).SelectMany(entry =>
        new[] { $"{Path.GetRelativePath(Root, Path.Combine(directory, entry.Name))} {entry.Length}" }
            .Concat(entry.IsDirectory ? Lines(state, Path.Combine(directory, entry.Name)) : []));
}
