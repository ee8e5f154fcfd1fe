using Importer.Cli;
using Importer.Cli.Output;

using var signals = new TerminationSignals();
var terminal = new CliConsole(StandardStream.OpenOutput(), StandardStream.OpenError(), Console.IsErrorRedirected is false)
{
    In = Console.IsInputRedirected ? new Utf8Input(Console.OpenStandardInput(), "standard input") : Console.In,
    InputIsTerminal = !Console.IsInputRedirected,
    ErrorWidth = () => Console.IsErrorRedirected ? 0 : Console.WindowWidth,
    // Set by the script ./import-weights.
    Program = Environment.GetEnvironmentVariable("IMPORT_WEIGHTS_PROGRAM") is { Length: > 0 } program ? program : "import-weights",
};
return RawArguments.Refusal(args) is { } problem
    ? ErrorReporter.ReportUsage([problem], terminal, json: args.Contains("--json"))
    : await CommandLineApp.RunAsync(args, terminal, signals.Token);
