using System.CommandLine;
using System.Globalization;
using CheckpointStorage;
using Importer.Cli.Output;
using Importer.Training.Checkpoints;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights checkpoints ls|show|verify|diff|rm|pin|unpin|export RUN</c>: a run's checkpoints.</summary>
internal sealed class CheckpointsCommand
{
    private const string ReferenceHelp = "latest, best, step:N, epoch:E, an id or its beginning, or a path.";

    private readonly CliConsole _console;
    private readonly Argument<string> _run = new("RUN") { Description = "The run's directory." };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON document on standard output.", Recursive = true };

    private CheckpointsCommand(CliConsole console) => _console = console;

    /// <summary>The command with its children.</summary>
    public static Command Create(CliConsole console)
    {
        var own = new CheckpointsCommand(console);
        return new Command("checkpoints", "Look at a run's checkpoints, check them, keep, remove and export them.")
        {
            own._json, own.List(), own.Show(), own.Verify(), own.Diff(), own.Remove(), own.Pin(pin: true), own.Pin(pin: false), own.Export(),
        };
    }

    private Command List()
    {
        var command = new Command("ls", "List the checkpoints, the newest first.") { _run };
        command.SetAction(parsed =>
        {
            using var store = OpenRead(parsed);
            var all = store.List();
            string? best = BestOf(store);
            if (parsed.GetValue(_json))
            {
                _console.Out.Write(CheckpointsOutput.Json(all, store.ListBackups(), store.ListQuarantined(), best));
                return ExitCode.Success;
            }

            foreach (var info in all)
            {
                _console.Out.WriteLine(CheckpointsOutput.Line(info, info.Id == best));
            }

            foreach (var backup in store.ListBackups())
            {
                _console.Out.WriteLine($"backup: {CheckpointsOutput.Line(backup, isBest: false)}");
            }

            foreach (string path in store.ListQuarantined())
            {
                _console.Out.WriteLine($"damaged: {TerminalText.Line(Path.GetFileName(path))}");
            }

            _console.Out.WriteLine($"{Units.Count(all.Count, "checkpoint")}, {Units.Bytes(all.Sum(info => info.TotalBytes))} in {TerminalText.Line(store.Directory)}");
            return ExitCode.Success;
        });
        return command;
    }

    private Command Show()
    {
        var reference = Reference();
        var command = new Command("show", "Show a checkpoint: its files with their hashes, its configuration and what was recorded.") { _run, reference };
        command.SetAction(parsed =>
        {
            using var store = OpenRead(parsed);
            var info = store.Resolve(parsed.GetRequiredValue(reference));
            _console.Out.Write(parsed.GetValue(_json) ? JsonOutput.Render(CheckpointsOutput.Json(info, isBest: info.Id == BestOf(store))) : CheckpointsOutput.Text(info, info.Id == BestOf(store)));
            return ExitCode.Success;
        });
        return command;
    }

    private Command Verify()
    {
        var reference = new Argument<string?>("CHECKPOINT") { Description = ReferenceHelp + " All of them by default.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("verify", "Read every byte of checkpoints and compare it with what was saved.") { _run, reference };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var store = OpenRead(parsed);
            var checkpoints = parsed.GetValue(reference) is { } name ? [store.Resolve(name)] : store.List();
            var results = new List<(CheckpointInfo, IReadOnlyList<CheckpointProblem>)>();
            foreach (var info in checkpoints)
            {
                results.Add((info, await store.VerifyAsync(info, null, cancellationToken).ConfigureAwait(false)));
            }

            await _console.Out.WriteAsync(parsed.GetValue(_json) ? CheckpointsOutput.VerificationJson(results) : CheckpointsOutput.VerificationText(results)).ConfigureAwait(false);
            if (results.TrueForAll(result => result.Item2.Count == 0))
            {
                return ExitCode.Success;
            }

            await _console.Error.WriteLineAsync("error: Checkpoints are damaged. A run that is resumed puts them aside and takes the one before.").ConfigureAwait(false);
            return ExitCode.Integrity;
        });
        return command;
    }

    private Command Diff()
    {
        var first = Reference();
        var second = new Argument<string>("OTHER") { Description = ReferenceHelp };
        var command = new Command("diff", "Say what two checkpoints differ in.") { _run, first, second };
        command.SetAction(parsed =>
        {
            using var store = OpenRead(parsed);
            var differences = CheckpointStore.Diff(store.Resolve(parsed.GetRequiredValue(first)), store.Resolve(parsed.GetRequiredValue(second)));
            _console.Out.Write(parsed.GetValue(_json)
                ? CheckpointsOutput.DifferencesJson(differences)
                : string.Concat(differences.Select(difference => $"{difference}{Environment.NewLine}")));
            return ExitCode.Success;
        });
        return command;
    }

    private Command Remove()
    {
        var reference = Reference();
        var command = new Command("rm", "Remove a checkpoint for good.") { _run, reference };
        command.SetAction(parsed => Change(parsed, reference, "removed", Open, (store, info) => store.Remove(info)));
        return command;
    }

    private Command Pin(bool pin)
    {
        var reference = Reference();
        var command = new Command(pin ? "pin" : "unpin", pin ? "Keep a checkpoint whatever the rules say." : "Let the rules remove a checkpoint again.") { _run, reference };
        command.SetAction(parsed => Change(parsed, reference, pin ? "pinned" : "unpinned", OpenRead, (store, info) => // beside a run, too
        {
            if (pin)
            {
                store.Pin(info);
            }
            else
            {
                store.Unpin(info);
            }
        }));
        return command;
    }

    private Command Export()
    {
        var reference = new Argument<string>("CHECKPOINT") { Description = ReferenceHelp + " The latest by default.", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "latest" };
        var to = new Option<string>("--to") { HelpName = "FORMAT", Required = true, Description = "nanogpt: ckpt.pt with the optimizer's state, for train.py --init_from=resume; hf: a directory as transformers writes it." };
        to.AcceptOnlyFromAmong("hf", "nanogpt");
        var output = new Option<string>("--out", "-o") { HelpName = "PATH", Required = true, Description = "The directory to make." };
        var force = new Option<bool>("--force", "-f") { Description = "Replace an earlier export." };
        var command = new Command("export", "Write a checkpoint as Python's tools read it.") { _run, reference, to, output, force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var store = OpenRead(parsed);
            var info = store.Resolve(parsed.GetRequiredValue(reference));
            var result = await CheckpointExporter.ExportAsync(
                info, parsed.GetRequiredValue(output), parsed.GetValue(to) == "nanogpt" ? Importer.Export.ExportFormat.NanoGpt : Importer.Export.ExportFormat.Transformers,
                parsed.GetValue(force), cancellationToken).ConfigureAwait(false);
            await _console.Out.WriteAsync(parsed.GetValue(_json) ? ExportJson.Result(result) : ExportText.Result(result)).ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    private int Change(ParseResult parsed, Argument<string> reference, string done, Func<ParseResult, CheckpointStore> open, Action<CheckpointStore, CheckpointInfo> action)
    {
        using var store = open(parsed);
        string name = parsed.GetRequiredValue(reference);
        // By its whole id also one whose manifest cannot be read: to remove it needs no manifest.
        var info = store.List().FirstOrDefault(item => item.Id == name) ?? store.Resolve(name);
        action(store, info);
        _console.Out.Write(parsed.GetValue(_json)
            ? JsonOutput.Render(new System.Text.Json.Nodes.JsonObject { [done] = info.Id })
            : string.Create(CultureInfo.InvariantCulture, $"{done}: {info.Id}{Environment.NewLine}"));
        return ExitCode.Success;
    }

    private CheckpointStore Open(ParseResult parsed)
    {
        RequireRun(parsed);
        return CheckpointStore.Open(parsed.GetRequiredValue(_run));
    }

    private CheckpointStore OpenRead(ParseResult parsed)
    {
        RequireRun(parsed);
        return CheckpointStore.OpenRead(parsed.GetRequiredValue(_run));
    }

    // The newest one's configuration may have none, as after a resume with a shorter context.
    private static string? BestOf(CheckpointStore store)
    {
        try
        {
            return store.Resolve("best").Id;
        }
        catch (CheckpointNotFoundException)
        {
            return null;
        }
    }

    private void RequireRun(ParseResult parsed)
    {
        if (!Directory.Exists(parsed.GetRequiredValue(_run)))
        {
            throw new CommandFailedException(ExitCode.NotFound, $"There is no directory {TerminalText.Line(parsed.GetRequiredValue(_run))}.");
        }
    }

    private static Argument<string> Reference() => new("CHECKPOINT") { Description = ReferenceHelp };
}
