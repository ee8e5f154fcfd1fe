using System.CommandLine;
using System.CommandLine.Parsing;
using Importer.Cli.Output;
using Importer.Cli.Output.Progress;
using Importer.Export;
using SafeTensorSharp;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights export SOURCE --to hf|nanogpt</c>: the way back.</summary>
internal sealed class ExportCommand
{
    private readonly Argument<string> _source = new("SOURCE")
    {
        Description = "An imported directory, any other model directory, a weights file in one, or a model's id on the hub.",
    };

    private readonly Option<ExportFormat?> _to = new("--to")
    {
        Description = "hf: a directory as transformers writes it; nanogpt: nanoGPT's ckpt.pt (GPT-2 only).",
        HelpName = "FORMAT",
        Required = true,
        CustomParser = ParseFormat,
    };

    private readonly Option<string?> _out = new("--out", "-o") { Description = "The directory to make; by default the source's name with -hf or -nanogpt, here.", HelpName = "PATH" };
    private readonly Option<DType?> _dtype = WeightArguments.DType("by default each tensor keeps its own, bit for bit. A number that it cannot hold is an error");
    private readonly Option<long?> _maxShardSize = new("--max-shard-size")
    {
        Description = "The most a safetensors file holds, such as 500MB; 5GB by default. A larger model gets shards and an index.",
        HelpName = "SIZE",
        CustomParser = WeightArguments.ParseSize,
    };

    private readonly Option<bool> _masks = new("--masks") { Description = "Also write causal masks, for readers of before 2023 (nanoGPT on PyTorch 1)." };
    private readonly Option<bool> _noOptimizer = new("--no-optimizer") { Description = "Leave out the optimizer's state of a ckpt.pt, which is twice as large as its model." };
    private readonly Option<string?> _mapping = MappingCommand.MappingOption();
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print the plan and write nothing." };
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Replace an earlier export." };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON document on standard output." };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No progress and no summary; errors only." };
    private readonly HubArguments _hub = new();
    private readonly CliConsole _console;

    private ExportCommand(CliConsole console) => _console = console;

    /// <summary>The command.</summary>
    public static Command Create(CliConsole console)
    {
        var command = new ExportCommand(console);
        var export = new Command("export", """
            Writes a model as Python's tools read it: the same tables, run backwards.

            hf gives config.json, generation_config.json, the tokenizer's files and model.safetensors or shards, in
            transformers' own names and orientation. nanogpt gives ckpt.pt for sample.py --init_from=resume; of a
            ckpt.pt, with its optimizer's state, for train.py too.
            What was imported comes out byte for byte. What the format cannot express is said or refused.

            The directory appears whole or not at all; what no export made is never replaced.
            """)
        {
            command._source, command._to, command._out, command._dtype, command._maxShardSize, command._masks, command._noOptimizer, command._mapping, command._dryRun, command._force,
            command._json, command._quiet,
        };
        command._hub.AddTo(export);
        export.SetAction(command.RunAsync);
        return export;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string source = parsed.GetRequiredValue(_source);
        string? output = parsed.GetValue(_out);
        bool json = parsed.GetValue(_json), quiet = parsed.GetValue(_quiet);
        using var log = new HubLog(_console.Error, show: !quiet);
        using var client = _hub.CreateClient(parsed, log);
        ExportOptions Options(ProgressListeners? progress) => new()
        {
            Format = parsed.GetValue(_to) ?? default,
            DType = parsed.GetValue(_dtype),
            MaxShardBytes = parsed.GetValue(_maxShardSize) ?? new ExportOptions().MaxShardBytes,
            WriteMasks = parsed.GetValue(_masks),
            KeepOptimizer = !parsed.GetValue(_noOptimizer),
            MappingFile = parsed.GetValue(_mapping),
            Force = parsed.GetValue(_force),
            Hub = _hub.Access(parsed, client, progress?.Download),
            Progress = progress?.Export,
        };
        if (parsed.GetValue(_dryRun))
        {
            return await PlanAsync(source, output, Options(null), json, cancellationToken).ConfigureAwait(false);
        }

        var result = await ProgressDisplay.RunAsync(
            _console, show: !quiet, progress => WeightExporter.ExportAsync(source, output, Options(progress), cancellationToken), log).ConfigureAwait(false);
        if (json)
        {
            await _console.Out.WriteAsync(ExportJson.Result(result)).ConfigureAwait(false);
        }
        else if (!quiet)
        {
            await _console.Out.WriteAsync(ExportText.Result(result)).ConfigureAwait(false);
        }

        return ExitCode.Success;
    }

    private async Task<int> PlanAsync(string source, string? output, ExportOptions options, bool json, CancellationToken cancellationToken)
    {
        // What is not here yet is planned from its headers, and what would be downloaded comes first.
        var download = await WeightExporter.PlanDownloadAsync(source, options, cancellationToken).ConfigureAwait(false) is { BytesToDownload: > 0 } needed ? needed : null;
        var plan = download is null
            ? await WeightExporter.PlanAsync(source, output, options, cancellationToken).ConfigureAwait(false)
            : await WeightExporter.PlanFromHeadersAsync(source, output, options, cancellationToken).ConfigureAwait(false);
        await _console.Out.WriteAsync(DownloadPlanOutput.Before(download, json, () => ExportJson.Plan(plan), () => ExportText.Plan(plan))).ConfigureAwait(false);
        return ExitCode.Success;
    }

    private static ExportFormat? ParseFormat(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        switch (text.ToLowerInvariant())
        {
            case "hf" or "transformers":
                return ExportFormat.Transformers;
            case "nanogpt":
                return ExportFormat.NanoGpt;
            default:
                result.AddError($"'{text}' is no format to export to; choose hf or nanogpt.");
                return null;
        }
    }
}
