using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Importer.Cli.Output;
using Importer.Cli.Output.Progress;
using Importer.Inspection.Comparison;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights diff A B</c>: in what two checkpoints differ.</summary>
internal static class DiffCommand
{
    public static Command Create(CliConsole console)
    {
        var first = new Argument<string>("A") { Description = "A model's id on the hub, a model directory, an imported one, or a weights file." };
        var second = new Argument<string>("B") { Description = "Another; it may be of another format and layout." };
        var tolerance = new Option<double?>("--tolerance")
        {
            Description = "The largest difference of values that does not count; without it every bit counts.",
            HelpName = "X",
            CustomParser = ParseTolerance,
        };
        var raw = new Option<bool>("--raw") { Description = "Compare tensors by the names they are stored under, whatever the layouts." };
        var mapping = MappingCommand.MappingOption("A mapping table of your own, for each of the two that it fits.");
        var json = new Option<bool>("--json") { Description = "Print one JSON document on standard output." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "No progress and no result but the exit code." };
        var hub = new HubArguments();
        var command = new Command("diff", """
            Say in what two checkpoints of any format differ: configuration, tensors, dtypes, shapes, values.

            Where their layouts differ, both are compared as parameters of the model, by their mapping tables.
            Exit codes: 0 the same, 6 different, others for errors.
            """)
        {
            first, second, tolerance, raw, mapping, json, quiet,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(raw) && result.GetValue(mapping) is not null)
            {
                result.AddError("--raw compares by the names as they are stored and needs no --mapping; leave one of the two out.");
            }
        });
        hub.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            bool isQuiet = parsed.GetValue(quiet);
            using var log = new HubLog(console.Error, show: !isQuiet);
            using var client = hub.CreateClient(parsed, log);
            var comparison = await ProgressDisplay.RunAsync(console, show: !isQuiet, progress => CheckpointComparer.CompareAsync(
                parsed.GetRequiredValue(first),
                parsed.GetRequiredValue(second),
                new ComparisonOptions
                {
                    Tolerance = parsed.GetValue(tolerance),
                    StoredNames = parsed.GetValue(raw),
                    MappingFile = parsed.GetValue(mapping),
                    Hub = hub.Access(parsed, client, progress.Download),
                    Progress = progress.Inspection,
                },
                cancellationToken), log).ConfigureAwait(false);
            if (parsed.GetValue(json))
            {
                await console.Out.WriteAsync(JsonOutput.Render(comparison.ToJson())).ConfigureAwait(false);
            }
            else if (!isQuiet)
            {
                await console.Out.WriteAsync(ComparisonText.Render(comparison)).ConfigureAwait(false);
            }

            return comparison.IsSame ? ExitCode.Success : ExitCode.Different;
        });
        return command;
    }

    private static double? ParseTolerance(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0 && double.IsFinite(value))
        {
            return value;
        }

        result.AddError($"'{text}' is no tolerance; give a number from 0, such as 1e-5.");
        return null;
    }
}
