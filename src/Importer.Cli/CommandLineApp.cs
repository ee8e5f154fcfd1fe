using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Importer.Cli.Commands;

namespace Importer.Cli;

/// <summary>The command line as a whole: parse, run, and turn what went wrong into one line and an exit code.</summary>
internal static class CommandLineApp
{
    /// <summary>Runs one command line.</summary>
    /// <param name="args">The arguments, without the program's name.</param>
    /// <param name="console">Where output goes.</param>
    /// <param name="cancellationToken">Stops the command; cancelled by <see cref="TerminationSignals"/>.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, CliConsole console, CancellationToken cancellationToken)
    {
        var debug = new Option<bool>("--debug") { Description = "Show the stack trace of an error.", Recursive = true };
        var root = ImportCommand.Create(console);
        root.Options.Add(debug);
        root.Subcommands.Add(ExportCommand.Create(console));
        root.Subcommands.Add(DownloadCommand.Create(console));
        root.Subcommands.Add(CacheCommand.Create(console));
        root.Subcommands.Add(InspectCommand.Create(console));
        root.Subcommands.Add(DiffCommand.Create(console));
        root.Subcommands.Add(VerifyCommand.Create(console));
        root.Subcommands.Add(MappingCommand.Create(console));
        root.Subcommands.Add(GenerateCommand.Create(console));
        root.Subcommands.Add(SampleCommand.Create(console));
        root.Subcommands.Add(EvalCommand.Create(console));
        root.Subcommands.Add(PrepareCommand.Create(console));
        root.Subcommands.Add(TrainCommand.Create(console));
        root.Subcommands.Add(TrainCommand.CreatePlan(console));
        root.Subcommands.Add(CheckpointsCommand.Create(console));
        root.Subcommands.Add(PlotCommand.Create(console));
        root.Subcommands.Add(DoctorCommand.Create(console));

        // A text may begin with @, which would be the name of a file with arguments.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        bool json = WantsJson(parsed);
        string[] problems = [.. parsed.Errors.Select(error => error.Message), .. EmptyNames(parsed.CommandResult)];
        if (parsed.Action is not HelpAction && problems.Length > 0)
        {
            return ErrorReporter.ReportUsage(problems, console, json);
        }

        if (parsed.Action is HelpAction)
        {
            HideArgumentsOfParents(parsed.CommandResult);
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = console.Out,
                Error = console.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null, // signals come with the token
            };
            return await parsed.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
        }
        catch (OutputClosedException)
        {
            return ExitCode.OutputClosed;
        }
        catch (Exception e)
        {
            return ErrorReporter.Report(e, console, json, parsed.GetValue(debug));
        }
    }

    // They are not given with a command of theirs, and help would list them with its own.
    private static void HideArgumentsOfParents(CommandResult command)
    {
        for (SymbolResult? at = command.Parent; at is not null; at = at.Parent)
        {
            foreach (var argument in (at as CommandResult)?.Command.Arguments ?? [])
            {
                argument.Hidden = true;
            }
        }
    }

    // A variable of a script that is not set: nothing can be of no name, and what takes the name does not know what it is called here.
    private static IEnumerable<string> EmptyNames(CommandResult command) =>
        from given in command.Children
        let name = given switch
        {
            ArgumentResult argument => argument.Argument.Name,
            OptionResult { Option: { HelpName: "DIR" or "FILE" or "PATH" } option } => option.Name,
            _ => null,
        }
        where name is not null && given.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value))
        select $"{name} is empty.";

    // Also on a command line that is wrong elsewhere.
    private static bool WantsJson(ParseResult parsed)
    {
        for (SymbolResult? at = parsed.CommandResult; at is not null; at = at.Parent)
        {
            if (at is CommandResult { Command.Options: var options } && options.FirstOrDefault(option => option.Name == "--json") is { } json &&
                parsed.GetResult(json) is { Implicit: false })
            {
                return true;
            }
        }

        return false;
    }
}
