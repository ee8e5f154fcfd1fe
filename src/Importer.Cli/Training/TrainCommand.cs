using System.CommandLine;
using Importer.Cli.Output;
using Importer.Training;
using Importer.Training.Data;
using Importer.Training.Events;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights train</c> and <c>plan</c>: a training run, and what one would do and need.</summary>
internal sealed class TrainCommand
{
    private static readonly string[] LanguageVariables = ["LC_ALL", "LC_MESSAGES", "LANG"];

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON document on standard output." };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No progress and no log; warnings and errors only." };
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

            Ctrl-C, SIGTERM and SIGHUP save what was trained and print the command to go on; a second one ends at once.
            """)
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.Options.Add(train._json);
        command.Options.Add(train._quiet);
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
        command.SetAction(train.PlanAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string[] arguments = [.. parsed.UnmatchedTokens];
        bool json = parsed.GetValue(_json), quiet = parsed.GetValue(_quiet);
        var configuration = Read(arguments);
        var lines = new TrainingLines(_console, quiet);
        var options = new TrainingRunOptions
        {
            Given = [.. configuration.Origins.Keys],
            CommandLine = ["train", .. arguments],
            Observers = [lines, new ProgressObserver(lines)],
            Log = lines,
            Language = LanguageOf(Environment.GetEnvironmentVariable),
            PrepareProgress = quiet ? null : new PrepareLines(_console),
        };
        await using var run = await TrainingRun.FromOptionsAsync(configuration.Options, options, cancellationToken).ConfigureAwait(false);
        if (!quiet)
        {
            await _console.Error.WriteAsync(TrainingText.Plan(run.Plan)).ConfigureAwait(false);
        }

        var result = await run.RunAsync(cancellationToken).ConfigureAwait(false);
        lines.Finish();
        if (result.Error is { } error)
        {
            await _console.Error.WriteAsync(TrainingText.Saved(result, run.Options, arguments, _console.Program)).ConfigureAwait(false);
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        }

        await _console.Out.WriteAsync(json ? TrainingJson.Result(result) : TrainingText.Result(result, run.Options, arguments, _console.Program)).ConfigureAwait(false);
        return result.End == TrainingRunEnd.Interrupted ? ExitCode.Cancelled : ExitCode.Success;
    }

    private async Task<int> PlanAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var configuration = Read([.. parsed.UnmatchedTokens]);
        var options = new TrainingRunOptions
        {
            Given = [.. configuration.Origins.Keys],
            Log = new TrainingLines(_console, quiet: true),
            PrepareProgress = parsed.GetValue(_quiet) ? null : new PrepareLines(_console),
        };
        var plan = await TrainingRun.PlanAsync(configuration.Options, options, cancellationToken).ConfigureAwait(false);
        await _console.Out.WriteAsync(parsed.GetValue(_json) ? TrainingJson.Plan(plan) : TrainingText.Plan(plan)).ConfigureAwait(false);
        return ExitCode.Success;
    }

    private TrainingConfiguration Read(string[] arguments)
    {
        var configuration = TrainingConfiguration.Parse([], arguments);
        foreach (string note in configuration.Notes)
        {
            _console.Error.WriteLine(TerminalText.Line(note));
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
