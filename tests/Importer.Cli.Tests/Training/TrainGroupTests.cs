using System.Diagnostics;
using System.Globalization;
using CheckpointStorage;
using Importer.Training.Events;

namespace Importer.Cli.Tests.Training;

/// <summary>Training with several processes, which are real ones here: the launcher's, and those that torchrun's environment makes.</summary>
public sealed class TrainGroupTests(TrainLab lab) : IClassFixture<TrainLab>
{
    private static readonly string[] Two = ["--nproc_per_node", "2"];

    [Fact]
    public async Task Two_processes_print_each_line_once_and_write_one_run_of_the_same_bits_every_time()
    {
        var first = await RunAsync(lab["two-a"], Two);
        var second = await RunAsync(lab["two-b"], Two);

        Assert.True(first.Code == ExitCode.Success, first.Error);
        string[] lines = first.Error.Split('\n');
        Assert.Single(lines, line => line.StartsWith("No weights found", StringComparison.Ordinal));
        Assert.Single(lines, line => line.StartsWith("processes     2, 2 windows of each update in each", StringComparison.Ordinal));
        Assert.Single(lines, line => line.StartsWith($"iter {TrainLab.Updates}/{TrainLab.Updates}:", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("rank", StringComparison.Ordinal));
        Assert.Single(first.Out.Split('\n'), line => line.StartsWith("completed:", StringComparison.Ordinal));
        Assert.True(second.Code == ExitCode.Success, second.Error);
        var (a, b) = (Newest(lab["two-a"]), Newest(lab["two-b"]));
        Assert.Equal(TrainLab.BitsOf(a), TrainLab.BitsOf(b));

        // Dropout and windows are those of one process, so the losses are.
        await lab.Uninterrupted;
        var one = MetricsFile.Read(lab["uninterrupted"]).OfType<StepMetrics>().ToList();
        var two = MetricsFile.Read(lab["two-a"]).OfType<StepMetrics>().ToList();
        Assert.Equal(one.Select(step => (step.Step, step.Tokens)), two.Select(step => (step.Step, step.Tokens)));
        Assert.All(one.Zip(two), pair => Assert.True(Math.Abs(pair.First.Loss - pair.Second.Loss) <= 1e-4 * pair.First.Loss));
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(0)] // the launcher, which stops them all
    public async Task A_signal_stops_all_after_the_same_update_and_the_printed_command_ends_as_if_there_had_been_none(int ofRank)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals");
        Assert.Equal(ExitCode.Success, (await RunAsync(lab[$"whole-{ofRank}"], Two)).Code);
        string directory = lab[$"signal-{ofRank}"];
        using var process = TrainLab.Start([], lab.Arguments(directory, Two));
        var output = process.StandardOutput.ReadToEndAsync();
        Assert.True(await TrainLab.UntilLineAsync(process, line => line.StartsWith("iter 2/", StringComparison.Ordinal)));
        int target = ofRank == 1 ? Children(process.Id)[1] : process.Id;
        using (var kill = Process.Start("kill", ["-TERM", target.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        string text = await output;
        Assert.True(process.ExitCode == ExitCode.Cancelled, $"{process.ExitCode}: {error}{text}");
        Assert.Single(text.Split('\n'), line => line.StartsWith("To go on:", StringComparison.Ordinal));
        Assert.Contains("--nproc_per_node=2", text, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Success, (await RunAsync(directory, Two)).Code);
        Assert.Equal(TrainLab.BitsOf(Newest(lab[$"whole-{ofRank}"])), TrainLab.BitsOf(Newest(directory)));
        Assert.Empty(MetricsComparer.Compare(MetricsFile.Read(lab[$"whole-{ofRank}"]), MetricsFile.Read(directory)));
    }

    [SkippableFact]
    public async Task Kill_9_of_rank_1_ends_rank_0_with_its_name_and_the_same_command_goes_on()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals");
        Assert.Equal(ExitCode.Success, (await RunAsync(lab["whole-9"], Two)).Code);
        string directory = lab["killed"];
        using var process = TrainLab.Start([], lab.Arguments(directory, Two));
        var output = process.StandardOutput.ReadToEndAsync();
        Assert.True(await TrainLab.UntilLineAsync(process, line => line.StartsWith("iter 2/", StringComparison.Ordinal)));
        using (var kill = Process.Start("kill", ["-9", Children(process.Id)[1].ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        await output;
        Assert.Equal(ExitCode.Failure, process.ExitCode);
        Assert.Contains("The connection to rank 1 ended", error, StringComparison.Ordinal);
        Assert.Contains("rank 1 was ended by signal 9", error, StringComparison.Ordinal);
        using (var store = CheckpointStore.OpenRead(directory))
        {
            foreach (var checkpoint in store.List())
            {
                Assert.Empty(await store.VerifyAsync(checkpoint));
            }
        }

        Assert.Equal(ExitCode.Success, (await RunAsync(directory, Two)).Code);
        Assert.Equal(TrainLab.BitsOf(Newest(lab["whole-9"])), TrainLab.BitsOf(Newest(directory)));
    }

    [Fact]
    public async Task A_save_that_fails_in_rank_0_ends_both_with_its_exit_code()
    {
        string directory = lab["unwritable"];
        int port = FreePort();
        var ranks = await Task.WhenAll(Enumerable.Range(0, 2).Select(async rank =>
        {
            using var process = TrainLab.Start(Environment(rank, port), lab.Arguments(directory, "--on_save_error=stop", "--max_iters=2000", "--save_interval=2000"));
            if (rank == 0)
            {
                Assert.True(await TrainLab.UntilLineAsync(process, line => line.StartsWith("iter 1/", StringComparison.Ordinal)));
                Directory.Move(directory, lab["moved"]);
                await File.WriteAllTextAsync(directory, "in the way");
            }

            return await TrainLab.FinishAsync(process);
        }));

        Assert.NotEqual(ExitCode.Success, ranks[0].Code);
        Assert.Equal(ranks[0].Code, ranks[1].Code);
        Assert.Equal("", ranks[1].Error + ranks[1].Out);
    }

    [Fact]
    public async Task What_is_wrong_is_said_once_and_by_both_numbers()
    {
        var outcome = await RunAsync(lab["three"], ["--nproc_per_node=3"]);
        Assert.Equal(ExitCode.Usage, outcome.Code);
        Assert.Single(outcome.Error.Split('\n'), line => line.Contains("gradient_accumulation_steps is 2, which the world size of 3 does not divide", StringComparison.Ordinal));
        Assert.False(Directory.Exists(lab["three"]));
    }

    [Fact]
    public async Task Processes_whose_arguments_differ_are_refused_by_name()
    {
        int port = FreePort();
        var ranks = await Task.WhenAll(Enumerable.Range(0, 2).Select(async rank =>
        {
            using var process = TrainLab.Start(Environment(rank, port), lab.Arguments(lab["differ"], $"--seed={rank}"));
            return await TrainLab.FinishAsync(process);
        }));
        Assert.Contains("seed: rank 1 has 1, and rank 0 has 0", ranks[0].Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Usage, ExitCode.Usage), (ranks[0].Code, ranks[1].Code));
        Assert.Equal("", ranks[1].Error);
        Assert.False(Directory.Exists(lab["differ"]));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(130, 130, 130)]
    [InlineData(1, 1, 137)]
    [InlineData(137, 130, 137)]
    [InlineData(5, 0, 5)]
    public void The_worst_exit_code_is_the_launchers(int worst, int first, int second) => Assert.Equal(worst, Commands.Launcher.Worst([first, second]));

    private async Task<Outcome> RunAsync(string directory, string[] more)
    {
        using var process = TrainLab.Start([], lab.Arguments(directory, more));
        return await TrainLab.FinishAsync(process);
    }

    private static CheckpointInfo Newest(string directory)
    {
        using var store = CheckpointStore.OpenRead(directory);
        return store.List()[0];
    }

    private static (string Name, string Value)[] Environment(int rank, int port) =>
        [("RANK", $"{rank}"), ("LOCAL_RANK", $"{rank}"), ("WORLD_SIZE", "2"), ("MASTER_ADDR", "127.0.0.1"), ("MASTER_PORT", $"{port}")];

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    // By rank: they are started in that order.
    private static int[] Children(int process) =>
        [.. File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture)).Order()];
}
