using System.Diagnostics;
using Tests.Shared;

namespace Importer.Cli.Tests;

/// <summary>Imports that are stopped from outside: Ctrl-C, a full disk, a crash, two at once.</summary>
public sealed class InterruptionTests : IDisposable
{
    // 3 GB, which take seconds: an import of less may be done before a busy machine comes to stop it.
    private const int NeverWritten = 16_000_000;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("-INT")]
    [InlineData("-TERM")]
    [InlineData("-HUP")]
    public async Task A_signal_stops_it_cleanly(string signal)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals");
        string source = LargeCheckpoint.Make(_directory, NeverWritten);
        using var process = CommandLine.Start(source, "--out", _directory["weights"]);
        await UntilStaging(process);

        using (var kill = Process.Start("kill", [signal, $"{process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(ExitCode.Cancelled, process.ExitCode);
        Assert.Contains("run the same command again", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_directory["weights"]));
    }

    [SkippableFact]
    public async Task What_a_killed_import_left_is_cleared_by_the_next()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals");
        string source = LargeCheckpoint.Make(_directory);
        using (var process = CommandLine.Start(source, "--out", _directory["weights"]))
        {
            await UntilStaging(process);
            process.Kill();
            await process.WaitForExitAsync();
        }

        Assert.NotEmpty(Directory.GetDirectories(_directory["weights"]));
        Assert.False(Directory.Exists(_directory["weights", "large"]));

        var outcome = await CommandLine.RunAsync(source, "--out", _directory["weights"]);

        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.Equal([_directory["weights", "large"]], Directory.GetFileSystemEntries(_directory["weights"]));
    }

    [Fact]
    public async Task Two_at_once_give_one_result()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            CommandLine.RunAsync(Repository.Fixture("tiny-gpt2"), "--out", _directory["weights"])));

        Assert.All(outcomes, outcome => Assert.Equal(ExitCode.Success, outcome.Code));
        Assert.Single(outcomes, outcome => outcome.Out.StartsWith("imported: ", StringComparison.Ordinal));
        Assert.Equal(3, outcomes.Count(outcome => outcome.Out.StartsWith("up to date: ", StringComparison.Ordinal)));
        Assert.Equal([_directory["weights", "tiny-gpt2"]], Directory.GetFileSystemEntries(_directory["weights"]));
    }

    [SkippableFact]
    public async Task A_full_disk_is_said_before_anything_is_written()
    {
        Directory.CreateDirectory(_directory["disk"]);

        var outcome = await Sandbox.RunMountedAsync("mount -t tmpfs -o size=200k none \"$1\"", _directory["disk"], Repository.Fixture("tiny-gpt2"), "--out", _directory["disk"]);

        Assert.Equal(ExitCode.Failure, outcome.Code);
        Assert.Contains("too little room", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains(_directory["disk", "tiny-gpt2"] + ":", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.DoesNotContain(".importing-", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(4)] // the disk itself, the lock, the staging directory, the weights; then there is no room for one file more
    [InlineData(5)]
    public async Task A_disk_that_fills_up_midway_is_said_too(int inodes)
    {
        Directory.CreateDirectory(_directory["disk"]);

        var outcome = await Sandbox.RunMountedAsync(
            $"mount -t tmpfs -o size=10m,nr_inodes={inodes} none \"$1\"", _directory["disk"], Repository.Fixture("tiny-gpt2"), "--out", _directory["disk"], "--json");

        Assert.Equal(ExitCode.Failure, outcome.Code);
        Assert.Contains("\"kind\": \"disk_full\"", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("too little room", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains(_directory["disk", "tiny-gpt2"] + ":", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains(" MB are needed", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task On_a_read_only_disk_a_finished_import_is_up_to_date_and_a_new_one_is_not_permitted()
    {
        const string readOnly = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\"";
        await CommandLine.RunAsync(Repository.Fixture("tiny-gpt2"), "--out", _directory["weights"]);

        var again = await Sandbox.RunMountedAsync(readOnly, _directory["weights"], Repository.Fixture("tiny-gpt2"), "--out", _directory["weights"]);
        Assert.Equal((ExitCode.Success, ""), (again.Code, again.Error));
        Assert.StartsWith("up to date: ", again.Out, StringComparison.Ordinal);

        foreach (string output in new[] { _directory["weights"], _directory["weights", "deeper"] })
        {
            var other = await Sandbox.RunMountedAsync(readOnly, _directory["weights"], Repository.Fixture("variant-relu"), "--out", output);
            Assert.Equal((ExitCode.NotFound, ""), (other.Code, other.Out));
            Assert.Contains("read-only", other.ErrorLine, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_stops_it_in_process()
    {
        string source = LargeCheckpoint.Make(_directory, NeverWritten);
        using var cancellation = new CancellationTokenSource();
        // Beside what the import does before its first wait.
        var running = Task.Run(() => CommandLine.RunAsync(cancellation.Token, source, "--out", _directory["weights"]));
        while (!running.IsCompleted && !IsStaging())
        {
            await Task.Delay(1);
        }

        await cancellation.CancelAsync();
        var outcome = await running;

        Assert.Equal((ExitCode.Cancelled, ""), (outcome.Code, outcome.Out));
        Assert.Empty(Directory.GetFileSystemEntries(_directory["weights"]));
    }

    private bool IsStaging() =>
        Directory.Exists(_directory["weights"]) && Directory.GetFiles(_directory["weights"], "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Any(path => path.Contains(".importing-", StringComparison.Ordinal));

    private async Task UntilStaging(Process process)
    {
        while (!IsStaging())
        {
            Assert.False(process.HasExited, "The import ended before it could be stopped.");
            await Task.Delay(1);
        }
    }
}
