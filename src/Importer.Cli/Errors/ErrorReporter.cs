using System.Text.Json.Nodes;
using Importer.Cli.Output;

namespace Importer.Cli;

/// <summary>Turns what went wrong into the line a person reads, the document a program reads and the code a script reads.</summary>
internal static class ErrorReporter
{
    private const int FindingsShown = 3;

    /// <summary>Reports an exception.</summary>
    /// <param name="error">What went wrong.</param>
    /// <param name="console">Where to.</param>
    /// <param name="json">Whether standard output gets the error as a JSON document.</param>
    /// <param name="withStackTrace">Whether the exception follows as it is.</param>
    /// <returns>The exit code.</returns>
    public static int Report(Exception error, CliConsole console, bool json, bool withStackTrace)
    {
        var report = ErrorReport.Of(error);
        string line = OneLine(report.Problem, report.Remedy);
        Print(report, report.Kind == ErrorKind.Cancelled ? line : $"error: {line}", console, json);
        if (withStackTrace)
        {
            TryWrite(console.Error, TerminalText.Lines(error.ToString()) + Environment.NewLine);
        }

        return report.ExitCode;
    }

    /// <summary>Reports a command line that cannot be understood.</summary>
    /// <returns>The exit code.</returns>
    public static int ReportUsage(IReadOnlyList<string> problems, CliConsole console, bool json)
    {
        const string remedy = "Run import-weights --help for the ways to call it.";
        var report = new ErrorReport(ErrorKind.Usage, ExitCode.Usage, string.Join('\n', problems), remedy);
        // Choices come as lines of their own.
        var sentences = problems.Select(problem => TerminalText.Line(string.Join(' ', problem.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))));
        string lines = string.Join(Environment.NewLine, [.. sentences.Select(sentence => $"error: {sentence}"), remedy]);
        Print(report, lines, console, json);
        return report.ExitCode;
    }

    private static void Print(ErrorReport report, string lines, CliConsole console, bool json)
    {
        if (json)
        {
            TryWrite(console.Out, JsonOutput.Render(new JsonObject
            {
                ["error"] = new JsonObject
                {
                    ["kind"] = report.Kind,
                    ["message"] = report.Problem,
                    ["remedy"] = report.Remedy.Length == 0 ? null : report.Remedy,
                    ["exit_code"] = report.ExitCode,
                },
            }));
        }

        TryWrite(console.Error, lines + Environment.NewLine);
    }

    // A terminal that was closed, a pipe that nobody reads: the exit code still tells.
    private static void TryWrite(TextWriter writer, string text)
    {
        try
        {
            writer.Write(text);
            writer.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or ObjectDisposedException) // the last two for one that was closed
        {
        }
    }

    // A message with many findings has one a line: heading, then findings, which are indented where a sentence follows them.
    private static string OneLine(string problem, string remedy)
    {
        string[] raw = problem.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] lines = [.. raw.Select(line => TerminalText.Line(line.Trim())).Where(line => line.Length > 0)];
        string text = string.Join(' ', lines);
        if (lines.Length >= 2)
        {
            bool ends = raw.Length == lines.Length && lines.Length > 2 && char.IsWhiteSpace(raw[1][0]) && !char.IsWhiteSpace(raw[^1][0]);
            string[] findings = ends ? lines[1..^1] : lines[1..];
            string shown = string.Join("; ", findings.Take(FindingsShown));
            string more = findings.Length > FindingsShown ? $"; and {findings.Length - FindingsShown} more (--debug lists them)" : "";
            text = $"{lines[0].TrimEnd('.', ':')}: {shown}{more}{(ends ? $". {lines[^1]}" : "")}";
        }

        remedy = string.Join(' ', remedy.Split('\n').Select(TerminalText.Line));
        return remedy.Length == 0 ? text : $"{text.TrimEnd('.')}. {remedy}";
    }
}
