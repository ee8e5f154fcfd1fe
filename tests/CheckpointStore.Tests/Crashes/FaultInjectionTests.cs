using CheckpointStorage.IO;

namespace CheckpointStorage.Tests.Crashes;

/// <summary>The disk refuses one operation, or all from one on, at every place of a save, a search, a backup.</summary>
public sealed class FaultInjectionTests
{
    private static readonly string Root = Path.GetFullPath("/store");

    private static CheckpointStoreOptions Options { get; } = new() { Retention = new() { KeepLast = 1, KeepBest = 0 } };

    public static TheoryData<string, bool> Faults => new()
    {
        { "ENOSPC", false },
        { "ENOSPC", true },
        { "EIO", false },
        { "EIO", true },
        { "EACCES", false },
        { "EACCES", true },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_at_any_operation_of_a_save_leaves_the_old_and_tells_which(string fault, bool persistent)
    {
        int operations = await CountAsync(async store => await store.SaveAsync(Content(2)));
        Assert.InRange(operations, 20, 200);
        int failed = 0;
        for (int at = 0; at < operations; at++)
        {
            ModelFileSystem files = await PreparedAsync();
            CheckpointStore store = CheckpointStore.Open(Root, Options, files);
            Inject(files, fault, persistent, at);
            CheckpointSaveResult? result = null;
            try
            {
                result = await store.SaveAsync(Content(2));
            }
            catch (CheckpointSaveException e)
            {
                failed++;
                Assert.Equal(fault == "ENOSPC", e.IsDiskFull);
                Assert.True(e.InnerException is IOException or UnauthorizedAccessException, e.ToString());
                Assert.EndsWith("the older checkpoints are intact.", e.Message, StringComparison.Ordinal);
            }

            files.BeforeOperation = null;
            if (!persistent && result is null)
            {
                Assert.DoesNotContain(files.Enumerate(Root), entry => StoreNames.IsOrphan(entry.Name));
            }

            if (result is null)
            {
                CheckpointInfo old = store.List().Single(info => info.Step == 1);
                Assert.Empty(await store.VerifyAsync(old));
            }

            // A save that came after its verification has succeeded, whatever became of pointers and rotation.
            store.Dispose();
            using CheckpointStore again = CheckpointStore.Open(Root, Options, files);
            Assert.DoesNotContain(files.Enumerate(Root), entry => StoreNames.IsOrphan(entry.Name));
            CheckpointInfo newest = (await again.FindNewestValidAsync()).Checkpoint!;
            if (result is not null)
            {
                Assert.Equal((2L, result.Checkpoint.Id), (newest.Step, newest.Id));
            }

            Assert.Equal(newest.Id, again.Resolve("latest").Id);
            Assert.Empty((await again.SaveAsync(Content(3))).Warnings);
            Assert.Equal([3L], again.List().Select(info => info.Step));
        }

        Assert.InRange(failed, 10, operations - 1);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_while_damaged_ones_are_put_aside_loses_nothing(string fault, bool persistent)
    {
        int operations = await CountAsync(async store => await store.FindNewestValidAsync(), damaged: true);
        Assert.InRange(operations, 5, 100);
        for (int at = 0; at < operations; at++)
        {
            ModelFileSystem files = await PreparedAsync(damaged: true);
            using (CheckpointStore store = CheckpointStore.Open(Root, Options, files))
            {
                Inject(files, fault, persistent, at);
                try
                {
                    Assert.Equal(0, (await store.FindNewestValidAsync()).Checkpoint!.Step);
                }
                catch (CheckpointIOException e)
                {
                    Assert.Equal(fault == "EACCES", e.InnerException is UnauthorizedAccessException);
                }

                files.BeforeOperation = null;
            }

            using CheckpointStore again = CheckpointStore.Open(Root, Options, files);
            Assert.Equal(0, (await again.FindNewestValidAsync()).Checkpoint!.Step);
            Assert.Single(again.ListQuarantined());
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_at_any_operation_of_a_backup_leaves_none_or_a_whole_one(string fault, bool persistent)
    {
        int operations = await CountAsync(async store => await store.BackupAsync(store.Resolve("latest")));
        for (int at = 0; at < operations; at++)
        {
            ModelFileSystem files = await PreparedAsync();
            using (CheckpointStore store = CheckpointStore.Open(Root, Options, files))
            {
                Inject(files, fault, persistent, at);
                await Assert.ThrowsAsync<CheckpointIOException>(() => store.BackupAsync(store.Resolve("latest")));
                files.BeforeOperation = null;
                Assert.Empty(await store.VerifyAsync(store.Resolve("latest")));
            }

            using CheckpointStore again = CheckpointStore.Open(Root, Options, files);
            Assert.All(again.ListBackups(), backup => Assert.Empty(again.VerifyAsync(backup).Result));
            CheckpointInfo made = await again.BackupAsync(again.Resolve("latest"));
            Assert.Equal(made.Id, Assert.Single(again.ListBackups()).Id);
        }
    }

    [Fact]
    public async Task What_is_not_read_back_as_it_was_written_is_written_once_more()
    {
        ModelFileSystem files = await PreparedAsync();
        using CheckpointStore store = CheckpointStore.Open(Root, Options, files);
        int bad = 1;
        files.AfterOperation = what => Damage(files, what, () => bad-- > 0);

        CheckpointSaveResult result = await store.SaveAsync(Content(2));

        Assert.Equal(2, result.Attempts);
        Assert.Empty(await store.VerifyAsync(result.Checkpoint));
    }

    [Fact]
    public async Task A_disk_that_always_lies_gives_a_typed_error_and_the_old_stays_the_newest()
    {
        ModelFileSystem files = await PreparedAsync();
        using CheckpointStore store = CheckpointStore.Open(Root, Options, files);
        files.AfterOperation = what => Damage(files, what, () => true);

        var error = await Assert.ThrowsAsync<CheckpointSaveException>(() => store.SaveAsync(Content(2)));

        Assert.Equal((SaveStage.Verifying, 2), (error.Stage, error.Attempts));
        CheckpointProblem problem = Assert.Single(Assert.IsType<CheckpointDamagedException>(error.InnerException).Problems);
        Assert.Equal((CheckpointProblemKind.WrongHash, "a.bin"), (problem.Kind, problem.File));
        Assert.Equal([1L], store.List().Select(info => info.Step));
        Assert.DoesNotContain(files.Enumerate(Root), entry => StoreNames.IsOrphan(entry.Name));
    }

    [Fact]
    public async Task A_full_disk_has_room_again_for_the_next_save_after_one_that_failed()
    {
        ModelFileSystem files = await PreparedAsync();
        using CheckpointStore store = CheckpointStore.Open(Root, Options, files);
        long before = files.UsedBytes;
        files.Capacity = before + 50;

        var error = await Assert.ThrowsAsync<CheckpointSaveException>(() => store.SaveAsync(Content(2)));

        Assert.True(error.IsDiskFull);
        Assert.Equal(before, files.UsedBytes);
        files.Capacity = before + 5000;
        Assert.Equal(2, (await store.SaveAsync(Content(2))).Checkpoint.Step);
    }

    [Fact]
    public async Task On_a_full_disk_a_store_opens_and_goes_back_to_the_one_before()
    {
        ModelFileSystem files = await PreparedAsync(damaged: true);
        files.Capacity = 0;
        using CheckpointStore store = CheckpointStore.Open(Root, Options, files);

        CheckpointSearch search = await store.FindNewestValidAsync();

        Assert.Equal(0, search.Checkpoint!.Step);
        Assert.Single(search.Damaged);
        Assert.Null(files.Find(Path.Combine(Root, "latest"))); // rather than one that names what was put aside
        store.Remove(search.Checkpoint);
        Assert.Empty(store.List());
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_while_a_crash_is_cleaned_up_hinders_no_opening(string fault, bool persistent)
    {
        for (int at = 0; at < 12; at++)
        {
            ModelFileSystem files = await PreparedAsync();
            files.CreateDirectory(Path.Combine(Root, ".tmp-00000002-0123456789abcdef0123456789abcdef"));
            files.CreateFile(Path.Combine(Root, ".tmp-00000002-0123456789abcdef0123456789abcdef", "a.bin"));
            files.Corrupt(Path.Combine(Root, "latest"), _ => "nothing"u8.ToArray());
            Inject(files, fault, persistent, at);
            CheckpointStore.Open(Root, Options, files).Dispose();

            files.BeforeOperation = null;
            using CheckpointStore store = CheckpointStore.Open(Root, Options, files);
            Assert.Equal(1, (await store.FindNewestValidAsync()).Checkpoint!.Step);
            Assert.DoesNotContain(files.Enumerate(Root), entry => StoreNames.IsOrphan(entry.Name));
            Assert.Equal(store.List()[0].Id, new StoreDirectory(Root, files, Options).ReadPointer("latest"));
        }
    }

    private static CheckpointContent Content(long step) => new()
    {
        Step = step,
        Files = [CheckpointFile.FromBytes("a.bin", Sample.Weights(step, 40)), CheckpointFile.FromText("b.json", $"{step}")],
    };

    private static void Damage(ModelFileSystem files, string what, Func<bool> now)
    {
        string[] words = what.Split(' ');
        if (words[0] == "rename" && words[1].StartsWith(".tmp-0", StringComparison.Ordinal) && now())
        {
            files.Corrupt(Path.Combine(Root, words[2], "a.bin"), bytes => [.. bytes[1..], 0]);
        }
    }

    private static void Inject(ModelFileSystem files, string fault, bool persistent, int at)
    {
        int first = files.Operations + at;
        files.BeforeOperation = (number, _) =>
        {
            if (persistent ? number >= first : number == first)
            {
                // The number that failed is not counted; a fault that passes must not come again.
                first = persistent ? first : -1;
                throw fault switch
                {
                    "ENOSPC" => new IOException("No space left on device", 28),
                    "EIO" => new IOException("Input/output error", 5),
                    _ => new UnauthorizedAccessException("Permission denied"),
                };
            }
        };
    }

    private static async Task<ModelFileSystem> PreparedAsync(bool damaged = false)
    {
        var files = new ModelFileSystem(Root);
        using CheckpointStore store = CheckpointStore.Open(Root, Options with { Retention = new() { KeepLast = null } }, files);
        if (damaged)
        {
            await store.SaveAsync(Content(0));
        }

        CheckpointInfo one = (await store.SaveAsync(Content(1))).Checkpoint;
        if (damaged)
        {
            files.Corrupt(one.GetPath("a.bin"), _ => []);
        }

        return files;
    }

    private static async Task<int> CountAsync(Func<CheckpointStore, Task> action, bool damaged = false)
    {
        ModelFileSystem files = await PreparedAsync(damaged);
        using CheckpointStore store = CheckpointStore.Open(Root, Options, files);
        int before = files.Operations;
        await action(store);
        return files.Operations - before;
    }
}
