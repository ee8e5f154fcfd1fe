using Importer.Training.Events;

namespace Importer.Cli.Tests.Training;

/// <summary>Training with several processes, which are real ones here: the launcher's, and those that torchrun's environment makes.</summary>
public sealed class TrainGroupTests(TrainLab lab) : IClassFixture<TrainLab>
{
    [Fact]
    public async Task Two_processes_print_each_line_once_and_make_the_updates_of_one()
    {
        var first = await RunAsync(lab["two"], ["--nproc_per_node", "2"]);

        Assert.True(first.Code == ExitCode.Success, first.Error);
        string[] lines = first.Error.Split('\n');
        Assert.Single(lines, line => line.StartsWith("No weights found", StringComparison.Ordinal));
        Assert.Single(lines, line => line.StartsWith("processes     2, 2 windows of each update in each", StringComparison.Ordinal));
        Assert.Single(lines, line => line.StartsWith($"iter {TrainLab.Updates}/{TrainLab.Updates}:", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("rank", StringComparison.Ordinal));
        Assert.Single(first.Out.Split('\n'), line => line.StartsWith("completed:", StringComparison.Ordinal));

        // Dropout and windows are those of one process, so the losses are.
        await lab.Uninterrupted;
        var one = MetricsFile.Read(lab["uninterrupted"]).OfType<StepMetrics>().ToList();
        var two = MetricsFile.Read(lab["two"]).OfType<StepMetrics>().ToList();
        Assert.Equal(one.Select(step => (step.Step, step.Tokens)), two.Select(step => (step.Step, step.Tokens)));
        Assert.All(one.Zip(two), pair => Assert.True(Math.Abs(pair.First.Loss - pair.Second.Loss) <= 1e-4 * pair.First.Loss));
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

    [Fact]
    public async Task What_all_find_alike_is_said_once()
    {
        var outcome = await RunAsync(lab["diverged"], ["--nproc_per_node=2", "--learning_rate=1e15", "--grad_clip=0"]);
        Assert.Equal(ExitCode.Failure, outcome.Code);
        Assert.Single(outcome.Error.Split('\n'), line => line.Contains("has a loss of", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Under_torchrun_the_printed_command_is_torchruns()
    {
        int port = FreePort();
        string[] arguments = lab.Arguments(lab["torchrun"], "--stop_after_epochs=0.05");
        var ranks = await Task.WhenAll(Enumerable.Range(0, 2).Select(async rank =>
        {
            (string, string)[] torchrun = [("TORCHELASTIC_RUN_ID", "none"), ("TORCHELASTIC_USE_AGENT_STORE", "True"), ("LOCAL_WORLD_SIZE", "2")];
            using var process = TrainLab.Start([.. Environment(rank, port), .. torchrun], arguments);
            return await TrainLab.FinishAsync(process);
        }));

        Assert.True(ranks[0].Code == ExitCode.Success, ranks[0].Error);
        Assert.Equal((ExitCode.Success, "", ""), (ranks[1].Code, ranks[1].Error, ranks[1].Out));
        string command = Assert.Single(ranks[0].Out.Split('\n'), line => line.StartsWith("To go on: ", StringComparison.Ordinal));
        Assert.StartsWith($"To go on: torchrun --master_port={port} --no_python --nproc_per_node=2 import-weights train --data ", command, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "import-weights", 1)]
    [InlineData("RANK=0 WORLD_SIZE=2 LOCAL_WORLD_SIZE=2 MASTER_PORT=29500 TORCHELASTIC_RUN_ID=none TORCHELASTIC_USE_AGENT_STORE=True", "torchrun --no_python --nproc_per_node=2 import-weights", 1)]
    [InlineData("RANK=0 WORLD_SIZE=2 LOCAL_WORLD_SIZE=2 MASTER_PORT=4711 TORCHELASTIC_RUN_ID=none TORCHELASTIC_USE_AGENT_STORE=True", "torchrun --master_port=4711 --no_python --nproc_per_node=2 import-weights", 1)]
    [InlineData("RANK=0 WORLD_SIZE=3 LOCAL_WORLD_SIZE=3 MASTER_PORT=41234 TORCHELASTIC_RUN_ID=7c9e TORCHELASTIC_USE_AGENT_STORE=False", "torchrun --standalone --no_python --nproc_per_node=3 import-weights", 1)]
    [InlineData("RANK=0 WORLD_SIZE=4 LOCAL_WORLD_SIZE=2 MASTER_ADDR=node0 TORCHELASTIC_RUN_ID=job", "import-weights", 4)]
    [InlineData("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2 MASTER_ADDR=127.0.0.1", "import-weights", 2)]
    [InlineData("RANK=0 WORLD_SIZE=2", "import-weights", 2)]
    public void What_started_the_processes_is_read_from_the_environment(string environment, string expected, int processes)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(item => item.Split('=')).ToDictionary(item => item[0], item => item[1]);
        var group = Importer.Training.Distributed.ProcessGroupOptions.FromEnvironment(name => variables.GetValueOrDefault(name));
        var invocation = Commands.Invocation.Of("import-weights", [], group, name => variables.GetValueOrDefault(name));
        Assert.Equal((expected, processes), (invocation.Launcher + invocation.Program, invocation.Processes));
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

    private static (string Name, string Value)[] Environment(int rank, int port) =>
        [("RANK", $"{rank}"), ("LOCAL_RANK", $"{rank}"), ("WORLD_SIZE", "2"), ("MASTER_ADDR", "127.0.0.1"), ("MASTER_PORT", $"{port}")];

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
