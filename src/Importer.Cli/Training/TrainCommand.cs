using System.CommandLine;
using System.Globalization;
using Importer.Cli.Output;
using Importer.Training;
using Importer.Training.Data;
using Importer.Training.Distributed;
using Importer.Training.Events;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights train</c> and <c>plan</c>: a training run, and what one would do and need.</summary>
internal sealed class TrainCommand
{
    private static readonly string[] LanguageVariables = ["LC_ALL", "LC_MESSAGES", "LANG"];

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON document on standard output." };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No progress and no log; warnings and errors only." };
    private readonly Option<int> _processes = new("--nproc_per_node", "--nproc-per-node")
    {
        Description = "Processes on this machine that train together; gradient_accumulation_steps must be a multiple.",
        DefaultValueFactory = _ => 1,
    };

    private readonly CliConsole _console;

    private TrainCommand(CliConsole console) => _console = console;

    /// <summary>The command that trains.</summary>
    public static Command Create(CliConsole console)
    {
        var train = new TrainCommand(console);
        var command = new Command("train", """
            Trains a model, or goes on with it: import-weights train [CONFIG...] [--key value...]

            CONFIG is a JSON file, one of nanoGPT's, or a ready one: finetune-shakespeare, train-shakespeare-char, eval-gpt2.
            The settings are nanoGPT's (--init_from, --data, --out_dir, --max_iters, --learning_rate, ...); hyphens do as well, later wins.
            --init_from is scratch, resume, auto (resume if there is something to resume), a model's id or directory.

            --nproc_per_node N trains with N processes of this machine; torchrun --no_python, mpirun and srun start them on several.

            Ctrl-C, SIGTERM and SIGHUP save what was trained and print the command to go on; a second one ends at once.
            """)
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.Options.Add(train._json);
        command.Options.Add(train._quiet);
        command.Options.Add(train._processes);
        command.SetAction(train.RunAsync);
        return command;
    }

    /// <summary>The command that only plans.</summary>
    public static Command CreatePlan(CliConsole console)
    {
        var train = new TrainCommand(console);
        var command = new Command("plan", "Says what import-weights train would do with the same arguments: updates, tokens, the size and number of checkpoints, what a crash would cost. Changes nothing.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.Options.Add(train._json);
        command.Options.Add(train._quiet);
        command.Options.Add(train._processes);
        command.SetAction(train.PlanAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        int processes = Processes(parsed);
        var group = ProcessGroupOptions.FromEnvironment(Environment.GetEnvironmentVariable);
        bool debug = parsed.GetValue<bool>("--debug");
        if (processes > 1)
        {
            if (group is not null)
            {
                throw new CommandFailedException(ExitCode.Usage, "--nproc_per_node starts processes, and this is one of several already (WORLD_SIZE); leave one of the two out");
            }

            // What is wrong is said once, before there are processes.
            Read([.. parsed.UnmatchedTokens], TextWriter.Null).Options.Validate();
            string[] own = [.. new[] { (parsed.GetValue(_json), "--json"), (parsed.GetValue(_quiet), "--quiet"), (debug, "--debug") }.Where(option => option.Item1).Select(option => option.Item2)];
            return await Launcher.RunAsync(processes, ["train", .. own, .. parsed.UnmatchedTokens], _console, cancellationToken).ConfigureAwait(false);
        }

        if (group is not { Rank: > 0 and var rank })
        {
            return await TrainAsync(parsed, group, cancellationToken).ConfigureAwait(false);
        }

        // Only rank 0 is heard, but for what it cannot know.
        using var errors = new StringWriter(CultureInfo.InvariantCulture);
        try
        {
            return await TrainAsync(parsed, group, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            int code = ErrorReporter.Report(e, _console with { Out = TextWriter.Null, Error = errors }, json: false, debug);
            // What all ranks find alike, rank 0 says.
            if (e is not (PeerFailedException or OperationCanceledException or TrainingDivergedException))
            {
                await _console.Error.WriteAsync($"{(IsLaunched(out _) ? "" : string.Create(CultureInfo.InvariantCulture, $"rank {rank}: "))}{errors}").ConfigureAwait(false);
            }

            return code;
        }
    }

    private async Task<int> TrainAsync(ParseResult parsed, ProcessGroupOptions? ranks, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bool isFirst = ranks is not { Rank: > 0 }, json = parsed.GetValue(_json), quiet = parsed.GetValue(_quiet);
        string[] arguments = [.. parsed.UnmatchedTokens];
        var configuration = Read(arguments, isFirst ? _console.Error : TextWriter.Null);
        bool isLaunched = IsLaunched(out string count);
        if (isLaunched)
        {
            arguments = [.. arguments, $"--nproc_per_node={count}"];
            Launcher.StopWithLauncher(stop);
        }

        var invocation = Invocation.Of(_console.Program, arguments, isLaunched ? null : ranks, Environment.GetEnvironmentVariable);
        if (ranks is not null && isFirst && !isLaunched && !quiet)
        {
            string others = string.Create(CultureInfo.InvariantCulture, $"rank 1{(ranks.WorldSize > 2 ? $" to {ranks.WorldSize - 1}" : "")}");
            await _console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"waiting for {others} at {TerminalText.Line(ranks.Address)}:{ranks.Port}")).ConfigureAwait(false);
        }

        using var group = ranks is null ? null : await ProcessGroup.ConnectAsync(ranks, error => ErrorReport.Of(error).ExitCode, stop.Token).ConfigureAwait(false);
        var lines = new TrainingLines(_console, quiet);
        var options = new TrainingRunOptions
        {
            Given = [.. configuration.Origins.Keys],
            CommandLine = ["train", .. arguments],
            Observers = [lines, new ProgressObserver(lines)],
            Log = lines,
            Language = LanguageOf(Environment.GetEnvironmentVariable),
            PrepareProgress = quiet ? null : new PrepareLines(_console),
            Group = group,
        };
        await using var run = await TrainingRun.FromOptionsAsync(configuration.Options, options, stop.Token).ConfigureAwait(false);
        if (!quiet && isFirst)
        {
            await _console.Error.WriteAsync(TrainingText.Plan(run.Plan)).ConfigureAwait(false);
        }

        var result = await run.RunAsync(stop.Token).ConfigureAwait(false);
        lines.Finish();
        if (result.Error is { } error)
        {
            if (isFirst)
            {
                await _console.Error.WriteAsync(TrainingText.Saved(result, run.Options, invocation)).ConfigureAwait(false);
            }

            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        }

        if (isFirst)
        {
            await _console.Out.WriteAsync(json ? TrainingJson.Result(result) : TrainingText.Result(result, run.Options, invocation)).ConfigureAwait(false);
        }

        return result.End == TrainingRunEnd.Interrupted ? ExitCode.Cancelled : ExitCode.Success;
    }

    private async Task<int> PlanAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var configuration = Read([.. parsed.UnmatchedTokens], _console.Error);
        var options = new TrainingRunOptions
        {
            Given = [.. configuration.Origins.Keys],
            Log = new TrainingLines(_console, quiet: true),
            PrepareProgress = parsed.GetValue(_quiet) ? null : new PrepareLines(_console),
            PlannedWorldSize = Processes(parsed),
        };
        var plan = await TrainingRun.PlanAsync(configuration.Options, options, cancellationToken).ConfigureAwait(false);
        await _console.Out.WriteAsync(parsed.GetValue(_json) ? TrainingJson.Plan(plan) : TrainingText.Plan(plan)).ConfigureAwait(false);
        return ExitCode.Success;
    }

    private int Processes(ParseResult parsed) => parsed.GetValue(_processes) is >= 1 and <= 1024 and var count
        ? count
        : throw new CommandFailedException(ExitCode.Usage, "--nproc_per_node is a number of processes from 1 to 1024");

    private static bool IsLaunched(out string count) => (count = Environment.GetEnvironmentVariable(Launcher.Marker) ?? "").Length > 0;

    private static TrainingConfiguration Read(string[] arguments, TextWriter notes)
    {
        var configuration = TrainingConfiguration.Parse([], arguments);
        foreach (string note in configuration.Notes)
        {
            notes.WriteLine(TerminalText.Line(note));
        }

        return configuration;
    }

    /// <summary>The language of messages, by the variables that decide it.</summary>
    internal static string LanguageOf(Func<string, string?> environment) =>
        LanguageVariables.Select(environment).FirstOrDefault(value => !string.IsNullOrEmpty(value)) is { } language
            && language.StartsWith("zh", StringComparison.OrdinalIgnoreCase) ? "zh" : "en";

    /// <summary>A line now and then while a text is tokenised.</summary>
    private sealed class PrepareLines(CliConsole console) : IProgress<PrepareProgress>
    {
        private readonly System.Diagnostics.Stopwatch _watch = System.Diagnostics.Stopwatch.StartNew();
        private TimeSpan _last;

        public void Report(PrepareProgress value)
        {
            if (_watch.Elapsed - _last >= Output.Progress.Interval.OfLines)
            {
                _last = _watch.Elapsed;
                console.Error.WriteLine($"data: {value.Phase.ToString().ToLowerInvariant()}, {Units.Bytes(value.BytesDone)} of {Units.Bytes(value.BytesTotal)}");
            }
        }
    }
}
