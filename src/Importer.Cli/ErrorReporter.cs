using HuggingFace.Hub.Client;
using Importer.Mapping;
using PretrainedTokenizers;
using SafeTensorSharp;

namespace Importer.Cli;

/// <summary>Turns an exception into the line a person reads and the code a script reads.</summary>
internal static class ErrorReporter
{
    private const int FindingsShown = 3;

    public static int Report(Exception error, CliConsole console, bool withStackTrace)
    {
        int code = CodeOf(error);
        console.Error.WriteLine(code == ExitCode.Cancelled
            ? "Cancelled. Nothing was left half-written; run the same command again to go on."
            : $"error: {Describe(error)}");
        if (withStackTrace)
        {
            console.Error.WriteLine(error);
        }

        return code;
    }

    public static int CodeOf(Exception error) => error switch
    {
        OperationCanceledException => ExitCode.Cancelled,
        CommandFailedException failed => failed.Code,
        HubException hub => CodeOf(hub.Category),
        ModelNotFoundException or TokenizerNotFoundException or FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException => ExitCode.NotFound,
        SafeTensorException or MappingException or ModelConfigException or ImportDiffersException or TiedWeightsDifferException or TokenizerException => ExitCode.Integrity,
        ArgumentException => ExitCode.Usage,
        _ => ExitCode.Failure,
    };

    private static int CodeOf(HubErrorCategory category) => category switch
    {
        HubErrorCategory.NotFoundOrNotPermitted => ExitCode.NotFound,
        HubErrorCategory.Network => ExitCode.Network,
        HubErrorCategory.Integrity => ExitCode.Integrity,
        _ => ExitCode.Failure,
    };

    private static string Describe(Exception error) => error switch
    {
        PretrainedException or CommandFailedException or HubException or SafeTensorException or TokenizerException or ArgumentException => OneLine(error.Message),
        DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException } =>
            "The native libraries of torch cannot be loaded. Run ./import-weights once more to build them, or choose the packages: TorchRuntime=nuget.",
        UnauthorizedAccessException => $"{error.Message.TrimEnd('.')}. Check the permissions, or choose another directory.",
        IOException => $"{error.Message.TrimEnd('.')}.",
        _ => $"{error.Message.TrimEnd('.')}. This is a defect in import-weights; --debug shows where.",
    };

    // A message with many findings has one a line: heading, findings, remedy.
    private static string OneLine(string message)
    {
        string[] lines = message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length < 3)
        {
            return string.Join(' ', lines);
        }

        var findings = lines[1..^1];
        string shown = string.Join("; ", findings.Take(FindingsShown));
        string more = findings.Length > FindingsShown ? $"; and {findings.Length - FindingsShown} more (--debug lists them)" : "";
        return $"{lines[0].TrimEnd('.', ':')}: {shown}{more}. {lines[^1]}";
    }
}
