using System.CommandLine;
using Importer.Cli.Output;
using Importer.Cli.Output.Progress;
using Importer.Conversion;
using SafeTensorSharp;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights SOURCE --out DIR</c>: the root command.</summary>
internal sealed class ImportCommand
{
    private readonly Argument<string> _source = new("SOURCE")
    {
        Description = "A model's id on the hub (openai-community/gpt2), a model directory, or a weights file in one.",
    };

    private readonly Option<string> _out = new("--out", "-o")
    {
        Description = "Where to put the imported directory, DIR/NAME.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<string?> _name = new("--name") { Description = "The imported directory's name; the source's own by default.", HelpName = "NAME" };

    private readonly Option<DType?> _dtype = WeightArguments.DType("by default each tensor keeps its own, bit for bit (8-bit floats become bf16, exactly)");

    private readonly Option<string?> _mapping = MappingCommand.MappingOption();
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print the plan and write nothing." };
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Replace an earlier import that differs." };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON document on standard output." };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No progress and no summary; errors only." };
    private readonly HubArguments _hub = new();
    private readonly CliConsole _console;

    private ImportCommand(CliConsole console) => _console = console;

    /// <summary>The root command of the program.</summary>
    public static RootCommand Create(CliConsole console)
    {
        var command = new ImportCommand(console);
        var root = new RootCommand("""
            Turns a pretrained checkpoint into weights that TorchSharp loads at once.

            Writes DIR/NAME with model.safetensors in Linear layout, config.json, the tokenizer's files and a manifest.
            Run again it checks what is there: up to date, repaired, or differs.

            Exit codes: 0 success, 1 failure, 2 wrong usage, 3 not found or not permitted, 4 network, 5 integrity or
            mismatch, 130 cancelled.
            """)
        {
            command._source, command._out, command._name, command._dtype, command._mapping, command._dryRun, command._force, command._json, command._quiet,
        };
        command._hub.AddTo(root);
        root.SetAction(command.RunAsync);
        return root;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string source = parsed.GetRequiredValue(_source), output = parsed.GetRequiredValue(_out);
        bool json = parsed.GetValue(_json), quiet = parsed.GetValue(_quiet);
        using var log = new HubLog(_console.Error, show: !quiet);
        using var client = _hub.CreateClient(parsed, log);
        ImportOptions Options(ProgressListeners? progress) => new()
        {
            DType = parsed.GetValue(_dtype),
            Name = parsed.GetValue(_name),
            MappingFile = parsed.GetValue(_mapping),
            Force = parsed.GetValue(_force),
            Hub = _hub.Access(parsed, client, progress?.Download),
            Progress = progress?.Import,
        };
        if (parsed.GetValue(_dryRun))
        {
            return await PlanAsync(source, output, Options(null), json, cancellationToken).ConfigureAwait(false);
        }

        var result = await ProgressDisplay.RunAsync(
            _console, show: !quiet, progress => WeightImporter.ImportAsync(source, output, Options(progress), cancellationToken), log).ConfigureAwait(false);
        if (json)
        {
            await _console.Out.WriteAsync(ResultJson.Render(result)).ConfigureAwait(false);
        }
        else if (!quiet)
        {
            await _console.Out.WriteAsync(ResultText.Render(result)).ConfigureAwait(false);
        }

        return ExitCode.Success;
    }

    private async Task<int> PlanAsync(string source, string output, ImportOptions options, bool json, CancellationToken cancellationToken)
    {
        // What is not here yet is planned from its headers, and what would be downloaded comes first.
        var download = await WeightImporter.PlanDownloadAsync(source, options, cancellationToken).ConfigureAwait(false) is { BytesToDownload: > 0 } needed ? needed : null;
        var plan = download is null
            ? await WeightImporter.PlanAsync(source, output, options, cancellationToken).ConfigureAwait(false)
            : await WeightImporter.PlanFromHeadersAsync(source, output, options, cancellationToken).ConfigureAwait(false);
        await _console.Out.WriteAsync(DownloadPlanOutput.Before(download, json, () => PlanJson.Of(plan), () => PlanText.Render(plan))).ConfigureAwait(false);
        return ExitCode.Success;
    }
}
