using CheckpointStorage;
using Importer.Training.Events;

namespace Importer.Cli.Tests.Training;

/// <summary>A disk that is full, fails or hangs under a run: what was saved stays, the exit code tells, and with a disk again the run ends as if nothing had been.</summary>
public sealed class TrainFaultTests(TrainLab lab) : IClassFixture<TrainLab>
{
    private const int NotPermitted = 13, InputOutput = 5, NoSpace = 28;
    private const int Always = 1_000_000;
    private const string Checkpoint = "/.tmp-0000";
    private static readonly bool IsNightly = Environment.GetEnvironmentVariable("NIGHTLY") == "1";

    /// <summary>A call, where, from which on, how often, the error, the policy, in the background, and whether the run is to be done in spite of it.</summary>
    public static TheoryData<string, string, int, int, int, string, bool, bool> Faults
    {
        get
        {
            TheoryData<string, string, int, int, int, string, bool, bool> data = new()
            {
                { "fsync", Checkpoint, 9, 1, InputOutput, "retry", false, true },
                { "write", Checkpoint, 12, Always, NoSpace, "continue", true, false },
                { "write", "/metrics.jsonl", 6, 5, NoSpace, "stop", false, true },
                { "read", "/model.safetensors", 2, 1, InputOutput, "stop", false, true },
            };
            foreach (bool background in IsNightly ? [false, true] : Array.Empty<bool>())
            {
                data.Add("fsync", Checkpoint, 9, Always, InputOutput, "retry", background, false);
                data.Add("write", Checkpoint, 12, 1, NoSpace, "retry", background, true);
                data.Add("write", Checkpoint, 12, Always, NoSpace, "stop", background, false);
                data.Add("rename", Checkpoint, 2, 1, NotPermitted, "retry", background, true);
                data.Add("rename", Checkpoint, 2, Always, NotPermitted, "continue", background, false);
                data.Add("fsync", "/metrics.jsonl", 2, Always, InputOutput, "stop", background, true);
                data.Add("fsync", "/.tmp-latest", 2, 3, InputOutput, "stop", background, true);
                data.Add("rename", "/step-", 1, 2, InputOutput, "stop", background, true);
            }

            return data;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Faults))]
    public async Task Whatever_call_fails_nothing_that_was_saved_is_lost(string call, string path, int first, int times, int error, string policy, bool background, bool isDone)
    {
        string what = $"{call} {path} {first} {times} {error} {policy} {background}";
        string directory = lab[Guid.NewGuid().ToString("N")];
        string[] arguments = lab.Arguments(directory, [$"--on_save_error={policy}", .. background ? ["--async_save"] : Array.Empty<string>()]);
        using var process = TrainLab.Start(FaultyDisk.Variables(call, path, first, times, error), [.. arguments, "--json"]);
        var outcome = await TrainLab.FinishAsync(process);
        Assert.True(outcome.Code == (isDone ? ExitCode.Success : ExitCode.Failure), $"{what}: {outcome.Code} {outcome.Error}");
        if (isDone)
        {
            Assert.Contains("\nwarning: ", outcome.Error, StringComparison.Ordinal); // it did happen
            await lab.AssertIsUninterruptedAsync(directory, what);
            return;
        }

        Assert.Contains(error == NoSpace ? "\"kind\": \"disk_full\"" : "\"kind\": \"failure\"", outcome.Out, StringComparison.Ordinal);
        Assert.Contains(" updates were made, and ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("the older checkpoints are intact", outcome.Error, StringComparison.Ordinal);
        await AssertIntactAsync(directory);
        using var again = TrainLab.Start([], arguments);
        Assert.Equal(ExitCode.Success, (await TrainLab.FinishAsync(again)).Code);
        await AssertSameBitsAsync(directory, what);
    }

    [SkippableTheory]
    [InlineData("stop", false)]
    [InlineData("continue", true)]
    public async Task On_a_full_disk_the_run_says_so_and_goes_on_when_there_is_room(string policy, bool background)
    {
        string place = lab[$"disk-{policy}"], copy = lab[$"copy-{policy}"];
        Directory.CreateDirectory(place);
        // Elsewhere, since making the tokens asks for more room than there is.
        string data = lab[$"data-{policy}"];
        Assert.Equal(ExitCode.Success, (await CommandLine.RunAsync("prepare", lab["my.txt"], "--tokenizer", "char", "--out", data)).Code);
        string[] arguments = lab.Arguments(place, ["--data", data, "--disk_check=off", $"--on_save_error={policy}", .. background ? ["--async_save"] : Array.Empty<string>()]);
        const string script = """
            place=$1 copy=$2; shift 2
            dotnet "$@"; echo "full: $?"
            ls -A "$place" | grep -c '^step-'; ls -A "$place" | grep '^\.t'
            dotnet "$1" checkpoints verify "$place" >/dev/null; echo "verified: $?"
            mount -o remount,size=8m "$place" && dotnet "$@" >/dev/null 2>&1; echo "room: $?"
            cp -a "$place" "$copy"
            """;
        var outcome = await Sandbox.RunScriptAsync("mount -t tmpfs -o size=320k none \"$1\"", script, [place, copy, CommandLine.Program, .. arguments]);
        Assert.Equal(["full: 1", "2", "verified: 0", "room: 0"], outcome.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("No space left", outcome.Error, StringComparison.OrdinalIgnoreCase);
        await AssertSameBitsAsync(copy, policy);
    }

    [SkippableFact]
    public async Task A_file_that_may_not_grow_is_an_error_of_the_disk()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ulimit");
        string directory = lab["limited"];
        string[] arguments = lab.Arguments(directory, "--on_save_error=stop", "--tensorboard=false");
        // Of 512 bytes each: less than the weights have.
        // The runtime maps its code from a file of its own otherwise.
        using var process = TrainLab.StartProgram("sh", [("DOTNET_EnableWriteXorExecute", "0")], ["-c", "ulimit -f 40; exec dotnet \"$@\"", "sh", CommandLine.Program, .. arguments]);
        var outcome = await TrainLab.FinishAsync(process);
        Assert.True(outcome.Code == ExitCode.Failure, $"{outcome.Code} {outcome.Error}");
        Assert.Contains("could not be saved (stage Writing, model.safetensors", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("Check the disk", outcome.Error, StringComparison.Ordinal);
        await lab.AssertEndsAsUninterruptedAsync(directory, "ulimit");
    }

    [SkippableFact]
    public async Task A_second_signal_ends_a_save_that_hangs_and_loses_nothing_that_was_saved()
    {
        string directory = lab["hangs"];
        // The first file of the third checkpoint: each has five, the manifest, and itself.
        using var process = TrainLab.Start(FaultyDisk.Variables("fsync", Checkpoint, 15, 1, 0, sleep: 600), lab.Arguments(directory));
        var output = process.StandardOutput.ReadToEndAsync();
        for (int save = 1; save <= 3; save++)
        {
            Assert.True(await TrainLab.UntilLineAsync(process, line => line.StartsWith("saving checkpoint to", StringComparison.Ordinal)));
        }

        var rest = process.StandardError.ReadToEndAsync();
        for (int signals = 0; !process.HasExited; signals++)
        {
            Assert.True(signals < 300, "it does not end");
            using (var kill = System.Diagnostics.Process.Start("kill", ["-INT", $"{process.Id}"]))
            {
                await kill.WaitForExitAsync();
            }

            await Task.Delay(200);
        }

        await Task.WhenAll(output, rest);
        Assert.Equal(130, process.ExitCode);
        await AssertIntactAsync(directory);
        using (var store = CheckpointStore.OpenRead(directory))
        {
            Assert.Equal(2 * TrainLab.Interval, store.List()[0].Step);
        }

        await lab.AssertEndsAsUninterruptedAsync(directory, "a second signal");
    }

    private static async Task AssertIntactAsync(string directory)
    {
        using var store = CheckpointStore.OpenRead(directory);
        Assert.NotEmpty(store.List());
        foreach (var info in store.List())
        {
            Assert.Empty(await store.VerifyAsync(info));
        }
    }

    // What was not saved in its time may have been the best.
    private async Task AssertSameBitsAsync(string directory, string what)
    {
        var reference = await lab.Uninterrupted;
        using var store = CheckpointStore.OpenRead(directory);
        Assert.Equal(reference.Bits, TrainLab.BitsOf(store.List()[0]));
        var differences = MetricsComparer.Compare(reference.Metrics, MetricsFile.Read(directory));
        Assert.True(differences.Count == 0, $"{what}: {string.Join("; ", differences)}");
    }
}
