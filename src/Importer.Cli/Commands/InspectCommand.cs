using System.CommandLine;
using Importer.Cli.Output;
using Importer.Cli.Output.Progress;
using Importer.Inspection;
using Importer.Inspection.Page;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights inspect SOURCE</c>: what is in a checkpoint, from its headers.</summary>
internal static class InspectCommand
{
    // As many as a screen shows apart.
    private const int HistogramBins = 48;

    public static Command Create(CliConsole console)
    {
        var source = new Argument<string>("SOURCE") { Description = "A model's id on the hub, a model directory, or a weights file, with or without config.json." };
        var statistics = new Option<bool>("--stats") { Description = "Read the data too: minimum, maximum, mean, deviation, NaN and Inf of each tensor." };
        var html = new Option<string?>("--html") { Description = "Also write one page for a browser: treemap, table, histograms with --stats.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document on standard output." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "No progress; errors only." };
        var mapping = MappingCommand.MappingOption();
        var hub = new HubArguments();
        var command = new Command("inspect", """
            Show what is in a checkpoint: configuration, parameters, bytes by dtype and layer, and what an import would do.

            Reads headers only; of a model on the hub just these bytes are fetched. With --stats it is downloaded first;
            a tensor whose data is damaged is named, and the exit code is 5.
            """)
        {
            source, statistics, html, mapping, json, quiet,
        };
        hub.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string? page = parsed.GetValue(html);
            using var log = new HubLog(console.Error, show: !parsed.GetValue(quiet));
            using var client = hub.CreateClient(parsed, log);
            var inspection = await ProgressDisplay.RunAsync(console, show: !parsed.GetValue(quiet), progress => CheckpointInspector.InspectAsync(
                parsed.GetRequiredValue(source),
                new InspectionOptions
                {
                    Statistics = parsed.GetValue(statistics),
                    HistogramBins = page is null ? 0 : HistogramBins,
                    MappingFile = parsed.GetValue(mapping),
                    Hub = hub.Access(parsed, client, progress.Download),
                    Progress = progress.Inspection,
                },
                cancellationToken), log).ConfigureAwait(false);
            if (page is not null)
            {
                InspectionPage.Write(inspection, page);
            }

            await console.Out.WriteAsync(parsed.GetValue(json) ? JsonOutput.Render(inspection.ToJson()) : InspectionText.Render(inspection)).ConfigureAwait(false);
            return inspection.IsReadable ? ExitCode.Success : ExitCode.Integrity;
        });
        return command;
    }
}
