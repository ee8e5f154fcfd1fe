namespace Importer.Cli;

/// <summary>Where a command writes: results to <see cref="Out"/>, progress, log and errors to <see cref="Error"/>.</summary>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="ErrorIsTerminal">Whether a person is watching standard error, so that lines may be redrawn.</param>
internal sealed record CliConsole(TextWriter Out, TextWriter Error, bool ErrorIsTerminal);
