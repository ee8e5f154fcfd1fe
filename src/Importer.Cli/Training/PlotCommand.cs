using System.CommandLine;
using System.Text.Json.Nodes;
using Importer.Cli.Output;
using Importer.Training.Events;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights plot RUN...</c>: the curves of training runs.</summary>
internal static class PlotCommand
{
    private const string DefaultName = "plot.html";

    /// <summary>The command.</summary>
    public static Command Create(CliConsole console)
    {
        var runs = new Argument<string[]>("RUN") { Description = "Directories of runs, or their metrics.jsonl; several are drawn over each other.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string[]>("--out", "-o")
        {
            HelpName = "FILE",
            Description = $"What to write: a picture (.svg) or a page (.html), also both. {DefaultName} in the first run's directory by default.",
        };
        var json = new Option<bool>("--json") { Description = "Print the curves as one JSON document on standard output; without --out no file is written." };
        var command = new Command("plot", "Draw the loss, learning rate and speed of training runs, also while they are running.") { runs, output, json };
        command.SetAction(parsed =>
        {
            string[] from = parsed.GetRequiredValue(runs), to = parsed.GetValue(output) ?? [];
            foreach (string path in to.Where(path => !IsSvg(path) && !IsHtml(path)))
            {
                throw new CommandFailedException(ExitCode.Usage, $"{TerminalText.Line(path)} is neither .svg nor .html: give --out a name that ends with one of them.");
            }

            foreach (string missing in from.Where(path => !Directory.Exists(path) && !File.Exists(path)))
            {
                throw new CommandFailedException(ExitCode.NotFound, $"There is no run {TerminalText.Line(missing)}.");
            }

            foreach (string without in from.Where(path => Directory.Exists(path) && !File.Exists(Path.Combine(path, MetricsFile.FileName))))
            {
                throw new CommandFailedException(ExitCode.NotFound, $"{TerminalText.Line(without)} has no {MetricsFile.FileName}: nothing was trained there, or with --metrics=false.");
            }

            var plot = MetricsPlot.Open(from);
            if (to.Length == 0 && !parsed.GetValue(json))
            {
                to = [Path.Combine(Directory.Exists(from[0]) ? from[0] : Path.GetDirectoryName(Path.GetFullPath(from[0]))!, DefaultName)];
            }

            foreach (string path in to)
            {
                if (IsSvg(path))
                {
                    plot.WriteSvg(path);
                }
                else
                {
                    plot.WriteHtml(path);
                }
            }

            if (parsed.GetValue(json))
            {
                JsonObject document = plot.ToJson();
                document["files"] = JsonOutput.Texts(to);
                console.Out.Write(JsonOutput.Render(document));
                return ExitCode.Success;
            }

            foreach (string path in to)
            {
                console.Out.WriteLine(TerminalText.Line(path));
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static bool IsSvg(string path) => path.EndsWith(".svg", StringComparison.OrdinalIgnoreCase);

    private static bool IsHtml(string path) => path.EndsWith(".html", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".htm", StringComparison.OrdinalIgnoreCase);
}
