namespace Importer.Cli;

/// <summary>A command's own failure: what happened, what to do, and the exit code.</summary>
internal sealed class CommandFailedException(int code, string message) : Exception(message)
{
    /// <summary>One of <see cref="ExitCode"/>.</summary>
    public int Code { get; } = code;
}
