using CheckpointStorage.IO;

namespace CheckpointStorage.Tests.Processes;

/// <summary>The process is killed at every named place, at its first save, at the third, at the last one, and the second time where a place is reached more often.</summary>
public sealed class KillTests : StoreTest
{
    private const int Length = (2 << 20) + 77; // three portions, so that the middle of a file is one
    private const int Killed = 137;
    private static readonly StoreTemplates Templates = new(Length);

    public static TheoryData<string, int> Places
    {
        get
        {
            TheoryData<string, int> data = [];
            foreach (string place in CrashPoint.OfSaving)
            {
                data.Add(place, 0);
                data.Add(place, 2);
                data.Add(place, 5);
            }

            foreach (string second in new[] { "mid-file:2", "before-file-fsync:2", "after-file:2", "during-verify:2", "mid-pointer:2", "mid-delete:3" })
            {
                data.Add(second, 5);
            }

            return data;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Places))]
    public async Task A_kill_leaves_the_old_or_the_new_and_the_next_opening_cleans_up(string place, int before)
    {
        Skip.If(OperatingSystem.IsWindows(), "Exit codes of signals.");
        Templates.Copy(before, Root);
        using Saver saver = Saver.Start(["save", Root, $"{before + 1}", $"{Length}"], place);
        var (exitCode, output) = await saver.FinishAsync();

        // The first save has nothing to rotate.
        bool reached = before > 0 || !(place.StartsWith("mid-rotation", StringComparison.Ordinal) || place.StartsWith("mid-delete", StringComparison.Ordinal));
        Assert.True(exitCode == (reached ? Killed : 0), $"{exitCode} {output}");
        using var again = CheckpointStore.Open(Root);
        Assert.Empty(Leftovers());
        CheckpointInfo? newest = (await again.FindNewestValidAsync()).Checkpoint;
        bool published = CrashPoint.OfSaving.ToList().IndexOf(place.Split(':')[0]) >= CrashPoint.OfSaving.ToList().IndexOf(CrashPoint.BeforeParentFlush);
        Assert.Equal(published ? before + 1 : before, newest?.Step ?? 0);
        foreach (CheckpointInfo info in again.List())
        {
            Sample.AssertIs(again, info, Length);
        }

        Assert.Equal(newest is null ? null : newest.Id + "\n", newest is null ? null : await File.ReadAllTextAsync(this["latest"]));
        Assert.Empty((await again.SaveAsync(Sample.Content(before + 2, 0.5, Length))).Warnings);
        Assert.Equal(before + 2, again.Resolve("latest").Step);
    }

    [SkippableTheory]
    [InlineData("during-backup")]
    [InlineData("during-backup:2")]
    public async Task A_kill_while_a_backup_is_made_leaves_no_half_of_it(string place)
    {
        Skip.If(OperatingSystem.IsWindows(), "Exit codes of signals.");
        using (var store = CheckpointStore.Open(Root))
        {
            await store.SaveAsync(1);
        }

        using Saver saver = Saver.Start(["backup", Root], place);
        Assert.Equal(Killed, (await saver.FinishAsync()).ExitCode);
        using var again = CheckpointStore.Open(Root);
        Assert.Empty(again.ListBackups());
        Assert.Empty(Leftovers());
        Sample.AssertIs(again, await again.BackupAsync(again.Resolve("latest")));
    }

    [SkippableFact]
    public async Task A_kill_before_a_damaged_one_is_put_aside_only_delays_that()
    {
        Skip.If(OperatingSystem.IsWindows(), "Exit codes of signals.");
        using (var store = CheckpointStore.Open(Root))
        {
            await store.SaveAsync(1);
            await File.WriteAllTextAsync((await store.SaveAsync(2)).GetPath("trainer.json"), "x");
        }

        using Saver saver = Saver.Start(["recover", Root], "before-quarantine");
        Assert.Equal(Killed, (await saver.FinishAsync()).ExitCode);
        using var again = CheckpointStore.Open(Root);
        CheckpointSearch search = await again.FindNewestValidAsync();
        Assert.Equal((1L, 2L), (search.Checkpoint!.Step, CheckpointName.TryParse(search.Damaged[0].Id, out CheckpointName? name) ? name.Step : 0));
    }

    [Fact]
    public async Task A_second_run_is_refused_with_the_process_and_host_of_the_first_until_that_ends_however()
    {
        using Saver holder = Saver.Start(["hold", Root]);
        Assert.Equal($"holding {holder.ProcessId}", await holder.ReadLineAsync());
        Directory.CreateDirectory(this[".tmp-00000003-0123456789abcdef0123456789abcdef"]);

        var error = Assert.Throws<CheckpointStoreLockedException>(() => CheckpointStore.Open(Root));
        Assert.Equal((holder.ProcessId, Environment.MachineName), (error.ProcessId, error.Host));
        Assert.Contains($"{holder.ProcessId}", error.Message, StringComparison.Ordinal);
        Assert.True(Directory.Exists(this[".tmp-00000003-0123456789abcdef0123456789abcdef"]), "What a living process is at work on was removed.");
        Assert.Empty(CheckpointStore.OpenRead(Root).List());

        holder.Kill();
        await holder.FinishAsync();
        using var store = CheckpointStore.Open(Root);
        Assert.Empty(Leftovers());
        Assert.Equal(Environment.ProcessId, Assert.Throws<CheckpointStoreLockedException>(() => CheckpointStore.Open(Root)).ProcessId);
        store.Dispose();
        store.Dispose();
        CheckpointStore.Open(Root).Dispose();
    }
}
