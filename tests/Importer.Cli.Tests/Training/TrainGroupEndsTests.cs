using System.Diagnostics;
using System.Globalization;
using CheckpointStorage;
using Importer.Training.Events;

namespace Importer.Cli.Tests.Training;

/// <summary>What befalls the processes of a run, one thing after the other.</summary>
public sealed class TrainGroupEndsTests(TrainLab lab) : IClassFixture<TrainLab>
{
    // Two processes, and updates that nothing but what befalls them ends.
    private static readonly string[] Endless = ["--nproc_per_node", "2", "--decay_lr=False", "--max_iters=1000000"];

    [SkippableFact]
    public async Task Signals_and_kills_of_any_process_end_all_and_the_same_command_goes_on_as_if_there_had_been_none()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals");
        string directory = lab["ends"];
        await InterruptedAsync(directory, launcher => Kill("INT", -launcher)); // Ctrl-C
        await InterruptedAsync(directory, launcher => Kill("HUP", launcher));
        await InterruptedAsync(directory, launcher => Kill("TERM", Rank(1, launcher)));

        // Rank 0 notices that nobody is there to be told, and saves.
        await InterruptedAsync(directory, launcher => Kill("KILL", launcher), TrainLab.Killed);

        var second = await EndedAsync(directory, launcher => Kill("KILL", Rank(1, launcher)));
        Assert.Equal(ExitCode.Failure, second.Outcome.Code);
        Assert.Contains("The connection to rank 1 ended", second.Outcome.Error, StringComparison.Ordinal);
        Assert.Contains("rank 1 was ended by signal 9", second.Outcome.Error, StringComparison.Ordinal);
        Assert.Contains("To go on: ", second.Outcome.Error, StringComparison.Ordinal);
        Assert.True(second.Saved >= second.Seen, $"{second.Saved} updates are saved of {second.Seen}");

        var first = await EndedAsync(directory, launcher => Kill("KILL", Rank(0, launcher)));
        Assert.Equal(TrainLab.Killed, first.Outcome.Code);
        Assert.Contains("rank 0 was ended by signal 9", first.Outcome.Error, StringComparison.Ordinal);
        Assert.Contains("The connection to rank 0 ended", first.Outcome.Error, StringComparison.Ordinal);
        Assert.True(first.Saved > first.Seen - 2 * TrainLab.Interval, $"{first.Saved} updates are saved of {first.Seen}");

        string[] rest = [.. Endless, $"--max_iters={first.Saved + 3}"];
        foreach (string each in (string[])[directory, lab["whole"]])
        {
            using var process = TrainLab.Start([], lab.Arguments(each, rest));
            var outcome = await TrainLab.FinishAsync(process);
            Assert.True(outcome.Code == ExitCode.Success, outcome.Error);
        }

        Assert.Equal(TrainLab.BitsOf(Newest(lab["whole"])), TrainLab.BitsOf(Newest(directory)));
        Assert.Empty(MetricsComparer.Compare(MetricsFile.Read(lab["whole"]), MetricsFile.Read(directory)));
    }

    // Saved once, with nothing lost, and the command that goes on printed once.
    private async Task InterruptedAsync(string directory, Func<int, Task> befalls, int code = ExitCode.Cancelled)
    {
        var (outcome, seen, saved) = await EndedAsync(directory, befalls);
        Assert.True(outcome.Code == code, $"{outcome.Code}: {outcome.Error}{outcome.Out}");
        Assert.DoesNotContain("error", outcome.Error, StringComparison.Ordinal);
        Assert.True(saved >= seen, $"{saved} updates are saved of {seen}");
        Assert.Contains("--nproc_per_node=2", Assert.Single(outcome.Out.Split('\n'), line => line.StartsWith("To go on:", StringComparison.Ordinal)), StringComparison.Ordinal);
        using var store = CheckpointStore.OpenRead(directory);
        Assert.Single(store.List(), checkpoint => checkpoint.Step == saved);
    }

    // In a session of its own, so that a signal reaches all its processes as from a terminal, and what is left of them is found.
    private async Task<(Outcome Outcome, long Seen, long Saved)> EndedAsync(string directory, Func<int, Task> befalls)
    {
        string[] command = [CommandLine.Runner.Program, .. CommandLine.Runner.Arguments, CommandLine.Program, .. lab.Arguments(directory, Endless)];
        using var process = TrainLab.StartProgram("setsid", [], command);
        var output = process.StandardOutput.ReadToEndAsync();
        long seen = 0;
        for (int updates = 0; updates < 3;)
        {
            string line = await process.StandardError.ReadLineAsync() ?? throw new InvalidOperationException($"It ended by itself: {await output}");
            if (line.StartsWith("iter ", StringComparison.Ordinal))
            {
                updates++;
                seen = long.Parse(line.AsSpan(5, line.IndexOf('/', StringComparison.Ordinal) - 5), NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
            }
        }

        await befalls(process.Id);
        string error = await process.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync();
        var outcome = new Outcome(process.ExitCode, await output, error);
        for (long begin = Stopwatch.GetTimestamp(); Session(process.Id).Length > 0; await Task.Delay(10))
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < TimeSpan.FromMinutes(1), "Processes are left.");
        }

        var newest = Newest(directory);
        using var store = CheckpointStore.OpenRead(directory);
        Assert.Empty(await store.VerifyAsync(newest));
        return (outcome, seen, newest.Step);
    }

    private static async Task Kill(string signal, int process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", "--", process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private static int Rank(int rank, int launcher) =>
        Assert.Single(Session(launcher), process => File.ReadAllText($"/proc/{process}/environ").Split('\0').Contains($"RANK={rank}"));

    private static int[] Session(int leader) =>
        [.. Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out int id) ? id : 0).Where(id => id > 0 && SessionOf(id) == leader)];

    private static int SessionOf(int process)
    {
        try
        {
            // After the name, which may hold anything: state, parent, group, session.
            string stat = File.ReadAllText($"/proc/{process}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" ? 0 : int.Parse(fields[3], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static CheckpointInfo Newest(string directory)
    {
        using var store = CheckpointStore.OpenRead(directory);
        return store.List()[0];
    }
}
