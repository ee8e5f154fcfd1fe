using System.CommandLine;
using System.CommandLine.Help;
using Importer.Cli.Commands;

namespace Importer.Cli;

/// <summary>The command line as a whole: parse, run, and turn what went wrong into one line and an exit code.</summary>
internal static class CommandLineApp
{
    /// <summary>Runs one command line.</summary>
    /// <param name="args">The arguments, without the program's name.</param>
    /// <param name="console">Where output goes.</param>
    /// <param name="cancellationToken">Cancels beside Ctrl-C and SIGTERM.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, CliConsole console, CancellationToken cancellationToken)
    {
        var debug = new Option<bool>("--debug") { Description = "Show the stack trace of an error.", Recursive = true };
        var root = ImportCommand.Create(console);
        root.Options.Add(debug);
        root.Subcommands.Add(DownloadCommand.Create(console));
        root.Subcommands.Add(CacheCommand.Create(console));
        root.Subcommands.Add(GenerateCommand.Create(console));
        root.Subcommands.Add(SampleCommand.Create(console));
        root.Subcommands.Add(EvalCommand.Create(console));
        root.Subcommands.Add(DoctorCommand.Create(console));

        var parsed = root.Parse(args);
        if (parsed.Action is not HelpAction && parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await console.Error.WriteLineAsync($"error: {error.Message}").ConfigureAwait(false);
            }

            await console.Error.WriteLineAsync("Run import-weights --help for the ways to call it.").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = console.Out,
                Error = console.Error,
                EnableDefaultExceptionHandler = false,
                // Long enough to remove what is half-written.
                ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
            };
            return await parsed.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return ErrorReporter.Report(e, console, parsed.GetValue(debug));
        }
    }
}
