using System.Diagnostics;
using CheckpointStorage;
using Importer.Training.Events;
using Tests.Shared;

namespace Importer.Cli.Tests.Training;

/// <summary>A run as an operator sees it: a process that is stopped, killed, and started again with the same command.</summary>
public sealed class TrainCommandTests : IDisposable
{
    private const int Updates = 24;

    private readonly TemporaryDirectory _directory = new();

    public TrainCommandTests() => File.WriteAllText(
        _directory["my.txt"], string.Concat(Enumerable.Range(0, 150).Select(i => $"{i} bottles of {(i % 3 == 0 ? "beer" : "wine")} on the wall.\n")));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_person_trains_in_one_line_and_samples_from_the_result()
    {
        var outcome = await CommandLine.RunAsync(Arguments("out"));
        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.StartsWith($"completed: {Updates} updates", outcome.Out, StringComparison.Ordinal);
        Assert.Contains($"iter {Updates}/{Updates}: loss ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("tokens/s", outcome.Error, StringComparison.Ordinal);
        Assert.True(
            outcome.Error.IndexOf("a crash costs", StringComparison.Ordinal) < outcome.Error.IndexOf("training from scratch", StringComparison.Ordinal), "the plan comes first");

        foreach (string[] sample in new string[][]
        {
            ["generate", _directory["out"], "--prompt", "1 bot", "--max-new-tokens", "3"],
            ["sample", "--init_from=resume", $"--out_dir={_directory["out"]}", "--start=1 bot", "--num_samples=1", "--max_new_tokens=3"],
            ["eval", _directory["out"], _directory["my.txt"]],
        })
        {
            Assert.Equal(ExitCode.Success, (await CommandLine.RunAsync(sample)).Code);
        }

        var again = await CommandLine.RunAsync(Arguments("out"));
        Assert.Equal((ExitCode.Integrity, ""), (again.Code, again.Out));
        Assert.Contains("holds checkpoints of a run", again.ErrorLine, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("-INT")]
    [InlineData("-TERM")]
    [InlineData("-HUP")]
    public async Task A_signal_saves_and_prints_the_command_that_goes_on(string signal)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals");
        string[] arguments = [.. Arguments("out"), "--max_iters", "100000", "--save_interval", "100000"];
        using var process = CommandLine.Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        await UntilLineAsync(process, line => line.StartsWith("iter 3/", StringComparison.Ordinal));
        using (var kill = Process.Start("kill", [signal, $"{process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(ExitCode.Cancelled, process.ExitCode);
        string text = await output;
        Assert.StartsWith("interrupted: ", text, StringComparison.Ordinal);
        string command = text.Split('\n').Single(line => line.StartsWith("To go on: import-weights ", StringComparison.Ordinal))["To go on: import-weights ".Length..];
        long step = Newest().Step;
        Assert.True(step >= 3);

        string[] goOn = [.. command.Split(' '), "--max_iters", $"{step + 2}"];
        var outcome = await CommandLine.RunAsync(goOn);
        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.Contains($"(step {step}, sha256 ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(step + 2, Newest().Step);
    }

    [Fact]
    public async Task All_checkpoints_damaged_has_an_exit_code_of_its_own()
    {
        await CommandLine.RunAsync(Arguments("out"));
        foreach (string path in Directory.GetFiles(_directory["out"], "model.safetensors", SearchOption.AllDirectories))
        {
            byte[] bytes = File.ReadAllBytes(path);
            bytes[^1] ^= 1;
            File.WriteAllBytes(path, bytes);
        }

        var outcome = await CommandLine.RunAsync([.. Arguments("out"), "--init_from=auto", "--json"]);
        Assert.Equal(ExitCode.AllCheckpointsDamaged, outcome.Code);
        Assert.Contains("\"kind\": \"all_damaged\"", outcome.Out, StringComparison.Ordinal);

        // Two of two are named, and what is said at the end is no third.
        Assert.Contains(": all 2 checkpoints are damaged: step-", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(". Nothing was changed. Bring back a copy of one", outcome.Error, StringComparison.Ordinal);
        var choices = await CommandLine.RunAsync("checkpoints", "export", _directory["out"], "--to", "gguf", "--out", _directory["exported"]);
        Assert.Contains("Must be one of: 'hf' 'nanogpt'", choices.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Integrity, (await CommandLine.RunAsync("checkpoints", "verify", _directory["out"])).Code);
        var json = await CommandLine.RunAsync("checkpoints", "verify", _directory["out"], "--json");
        Assert.Equal(ExitCode.Integrity, json.Code);
        using var document = System.Text.Json.JsonDocument.Parse(json.Out); // one, and no other behind it
        Assert.All(document.RootElement.GetProperty("checkpoints").EnumerateArray(), info => Assert.NotEmpty(info.GetProperty("problems").EnumerateArray()));
    }

    [Fact]
    public async Task Checkpoints_are_listed_shown_compared_pinned_exported_and_removed()
    {
        await CommandLine.RunAsync(Arguments("out"));
        string run = _directory["out"], id = Newest().Id;
        var list = await CommandLine.RunAsync("checkpoints", "ls", run);
        Assert.Equal((ExitCode.Success, ""), (list.Code, list.Error));
        Assert.Contains(id, list.Out, StringComparison.Ordinal);
        Assert.Single(list.Out.Split('\n'), line => line.Contains("  best, saved: ", StringComparison.Ordinal));
        Assert.Contains("model.safetensors", (await CommandLine.RunAsync("checkpoints", "show", run, "latest")).Out, StringComparison.Ordinal);
        Assert.Contains("whole", (await CommandLine.RunAsync("checkpoints", "verify", run)).Out, StringComparison.Ordinal);
        Assert.Contains("step", (await CommandLine.RunAsync("checkpoints", "diff", run, "step:16", "latest")).Out, StringComparison.Ordinal);
        Assert.Equal($"pinned: {id}", (await CommandLine.RunAsync("checkpoints", "pin", run, id)).Out.TrimEnd());
        Assert.True(Newest().IsPinned);
        using (CheckpointStore.Open(run)) // while it trains, too, when nothing else may be changed
        {
            Assert.Equal(ExitCode.Success, (await CommandLine.RunAsync("checkpoints", "pin", run, "step:16")).Code);
            var busy = await CommandLine.RunAsync("checkpoints", "rm", run, id);
            Assert.NotEqual(ExitCode.Success, busy.Code);
            Assert.True(Newest().IsPinned, busy.Error);
        }

        Assert.Equal($"unpinned: {id}", (await CommandLine.RunAsync("checkpoints", "unpin", run, id)).Out.TrimEnd());
        var export = await CommandLine.RunAsync("checkpoints", "export", run, "latest", "--to", "nanogpt", "--out", _directory["nanogpt"]);
        Assert.Equal(ExitCode.Success, export.Code);
        Assert.True(File.Exists(_directory["nanogpt", "ckpt.pt"]));
        Assert.Equal(ExitCode.Success, (await CommandLine.RunAsync("checkpoints", "rm", run, id)).Code);
        Assert.NotEqual(id, Newest().Id);
        string broken = Newest().Id;
        File.WriteAllText(_directory["out", broken, "manifest.json"], "x");
        Assert.Contains($"{broken}  damaged: ", (await CommandLine.RunAsync("checkpoints", "ls", run)).Out, StringComparison.Ordinal);
        Assert.Equal($"removed: {broken}", (await CommandLine.RunAsync("checkpoints", "rm", run, broken)).Out.TrimEnd());
        var missing = await CommandLine.RunAsync("checkpoints", "show", run, "step:77");
        Assert.Equal(ExitCode.NotFound, missing.Code);
    }

    [Fact]
    public async Task A_list_says_which_is_best_once_and_what_was_best_no_more()
    {
        string[] arguments = [.. Arguments("out"), "--save_interval=1000", "--keep_last=10"];
        await CommandLine.RunAsync(arguments);
        string[] Lines(string output) => [.. output.Split('\n').Where(line => line.StartsWith("step-", StringComparison.Ordinal))];
        string[] lines = Lines((await CommandLine.RunAsync("checkpoints", "ls", _directory["out"])).Out);
        Assert.Equal(3, lines.Length);
        Assert.Single(lines, line => line.Contains("  best, saved: ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("  saved: best", StringComparison.Ordinal));

        // A shorter context is another configuration, whose newest has no loss yet.
        await CommandLine.RunAsync([.. arguments, "--init-from=resume", "--block_size=8", "--max_iters=26", "--eval_iters=1", "--eval_interval=1000", "--nanogpt_compat"]);
        var cropped = await CommandLine.RunAsync("checkpoints", "ls", _directory["out"]);
        Assert.Equal((ExitCode.Success, 4), (cropped.Code, Lines(cropped.Out).Length));
    }

    [Fact]
    public async Task The_command_that_goes_on_goes_on()
    {
        // Back to step 16, and over what another run left: both are said of the beginning.
        await CommandLine.RunAsync(Arguments("out"));
        string[] again = [.. Arguments("out"), "--init-from=resume", "--resume-step", "16", "--overwrite", "true", "--stop_after_epochs=0.02"];
        var stopped = await CommandLine.RunAsync(again);
        Assert.True(stopped.Code == ExitCode.Success, stopped.Error);
        long step = Newest().Step;
        Assert.InRange(step, 17, Updates - 1);
        string command = stopped.Out.Split('\n').Single(line => line.StartsWith("To go on: import-weights ", StringComparison.Ordinal))["To go on: import-weights ".Length..];
        var outcome = await CommandLine.RunAsync([.. command.Split(' '), "--stop_after_epochs=null"]);
        Assert.True(outcome.Code == ExitCode.Success, outcome.Error);
        Assert.Contains($"(step {step}, sha256", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(Updates, Newest().Step);
    }

    [Theory]
    [InlineData("zh_CN.UTF-8", null, "zh")]
    [InlineData("en_US.UTF-8", "zh_CN.UTF-8", "en")]
    [InlineData(null, "zh_TW", "zh")]
    [InlineData(null, null, "en")]
    public void The_language_is_the_environment_s(string? all, string? lang, string expected) =>
        Assert.Equal(expected, Importer.Cli.Commands.TrainCommand.LanguageOf(name => name == "LC_ALL" ? all : name == "LANG" ? lang : null));

    [Fact]
    public async Task A_plan_says_size_and_number_and_changes_nothing()
    {
        string[] arguments = ["plan", .. Arguments("out").Skip(1).Where(argument => argument is not "--quiet")];
        var outcome = await CommandLine.RunAsync(arguments);
        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.Contains("checkpoints   3 of 2", outcome.Out, StringComparison.Ordinal);
        Assert.Contains(", at most 5 at once", outcome.Out, StringComparison.Ordinal);
        Assert.Matches("disk +[0-9.]+ [kM]B needed, [0-9.]+ [MGT]?B free", outcome.Out);
        Assert.Contains("a crash costs at most 8 updates" + Environment.NewLine, outcome.Out, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_directory["out"]));

        // What train takes, plan takes.
        outcome = await CommandLine.RunAsync([.. arguments, "--quiet", "--always_save_checkpoint=false"]);
        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.Contains("up to 3 of ", outcome.Out, StringComparison.Ordinal);
        Assert.Contains($"at most {Updates} updates (saved only where the validation loss falls", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_evaluation_alone_says_its_losses()
    {
        Assert.Equal(ExitCode.Success, (await CommandLine.RunAsync(Arguments("out"))).Code);
        string[] evaluate = ["train", "--init_from=resume", $"--out_dir={_directory["out"]}", "--eval_only", "--quiet"];
        var outcome = await CommandLine.RunAsync([.. evaluate, "--json"]);
        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        using var json = System.Text.Json.JsonDocument.Parse(outcome.Out);
        double loss = json.RootElement.GetProperty("losses").GetProperty("val").GetDouble();
        Assert.Equal(("evaluated", Updates), (json.RootElement.GetProperty("end").GetString(), json.RootElement.GetProperty("step").GetInt64()));
        outcome = await CommandLine.RunAsync(evaluate);
        Assert.StartsWith($"evaluated: after {Updates} updates, train loss ", outcome.Out, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($", val loss {loss:0.0000}"), outcome.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--data=a --out_dir=b", "--data=a --out_dir=b --init_from=resume")]
    [InlineData("--init-from gpt2 --data=a", "--data=a --init_from=resume")]
    [InlineData("config.json --init_from=gpt2 --data a", "config.json --data a --init_from=resume")]
    [InlineData("--init-from auto --overwrite true --data=a", "--data=a --init_from=auto")]
    [InlineData("--overwrite --data=a", "--data=a --init_from=resume")]
    [InlineData("--Overwrite-Output-Dir=Yes --data=a --overwrite FALSE", "--data=a --init_from=resume")]
    [InlineData("--overwrite config.json --data=a", "config.json --data=a --init_from=resume")]
    [InlineData("--init_from=resume --resume_step=100", "--init_from=resume --resume_from=latest")]
    [InlineData("--resume-step 100 --data=a", "--data=a --init_from=resume --resume_from=latest")]
    [InlineData("--resume_from_checkpoint=best", "--resume_from_checkpoint=best --init_from=resume --resume_from=latest")]
    [InlineData("--init_from=resume --resume_from=latest", "--init_from=resume")]
    public void The_command_to_go_on_goes_on_from_what_was_saved(string arguments, string expected)
    {
        var options = Importer.Training.TrainingConfiguration.Parse([], arguments.Split(' ').Where(argument => argument != "config.json")).Options;
        string command = Importer.Cli.Commands.TrainingText.CommandToGoOn(options, arguments.Split(' '), "./import-weights");
        Assert.Equal("./import-weights train " + expected, command);
        var again = Importer.Training.TrainingConfiguration.Parse([], command.Split(' ').Skip(2).Where(argument => argument != "config.json")).Options;
        Assert.Contains(again.InitFrom, new[] { "resume", "auto" });
        Assert.Equal((null, null, true), (again.ResumeStep, again.ResumeEpoch, again.ResumeFrom is null or "latest"));
    }

    [Fact]
    public void A_line_that_is_drawn_over_is_never_wider_than_the_terminal()
    {
        using var error = new StringWriter();
        var progress = new TrainingProgress(10, 500, 2.3412, 6e-4, TimeSpan.FromMilliseconds(12.3), 41_231, TimeSpan.FromSeconds(6));
        new Importer.Cli.Commands.TrainingLines(new CliConsole(TextWriter.Null, error, ErrorIsTerminal: true) { ErrorWidth = () => 40 }, quiet: false).Report(progress);
        Assert.Equal($"\r\u001b[K{progress.ToString()[..39]}", error.ToString());
    }

    [Fact]
    public void What_takes_long_is_told_now_and_then()
    {
        using var error = new StringWriter();
        var clock = new Clock();
        var lines = new Importer.Cli.Commands.TrainingLines(new CliConsole(TextWriter.Null, error, ErrorIsTerminal: false), quiet: false, clock);
        using var model = Importer.Training.ScratchModel.Create(new() { VocabSize = 2, BlockSize = 2, EmbeddingSize = 2, LayerCount = 1, HeadCount = 1 }, 1);
        using var trainer = new Importer.Training.Trainer(model, new() { EvalIters = 4, MaxIters = 1, GradientAccumulationSteps = 3 }, new(new Batches(clock), [new("val", new Batches(clock))]), [lines]);
        trainer.Run();
        Assert.Equal(
            ["step 0: evaluating val, batch 2 of 4", "step 0: evaluating val, batch 4 of 4", "step 0: val loss", "update 1: micro-step 2 of 3", "step 1: evaluating val, batch 1 of 4"],
            error.ToString().Split('\n').Take(5).Select(line => line.TrimEnd() is var text && text.IndexOf(" loss", StringComparison.Ordinal) is > 0 and var at ? text[..(at + 5)] : text));
    }

    [Fact]
    public async Task nanoGPT_s_two_arguments_resume()
    {
        await CommandLine.RunAsync(Arguments("out"));
        var outcome = await CommandLine.RunAsync("train", "--init_from=resume", $"--out_dir={_directory["out"]}", $"--max_iters={Updates + 1}");
        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.Contains($"Resuming training from {_directory["out"]}", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(Updates + 1, Newest().Step);
    }

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }

    /// <summary>Batches each of which takes three seconds.</summary>
    private sealed class Batches(Clock clock) : Importer.Training.IBatchSource
    {
        public long? SamplesPerEpoch => 1;

        public Importer.Training.TokenBatch Read(long firstSample, int count)
        {
            clock.Seconds += 3;
            return new(TorchSharp.torch.ones([count, 2], dtype: TorchSharp.torch.ScalarType.Int64), TorchSharp.torch.ones([count, 2], dtype: TorchSharp.torch.ScalarType.Int64));
        }
    }

    private string[] Arguments(string name) =>
    [
        "train", "--init-from", name is "out" ? "scratch" : "auto", "--data", _directory["my.txt"], $"--out_dir={_directory[name]}", "--n-layer=2", "--n_head", "2", "--n-embd", "16", "--block_size=16",
        "--batch-size", "2", "--gradient_accumulation_steps=1", "--max_iters", $"{Updates}", "--warmup_iters=2", "--eval_interval=8", "--eval_iters=1", "--dropout=0.1", "--device=cpu", "--threads=1",
        "--learning_rate=1e-2", "--min_lr=1e-3",
    ];

    private CheckpointInfo Newest(string name = "out")
    {
        using var store = CheckpointStore.OpenRead(_directory[name]);
        return store.List()[0];
    }

    private static async Task UntilLineAsync(Process process, Func<string, bool> matches)
    {
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (matches(line))
            {
                return;
            }
        }

        Assert.Fail("The run ended before it could be stopped.");
    }
}
