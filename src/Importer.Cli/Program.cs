using Importer.Cli;

using var signals = new TerminationSignals();
var terminal = new CliConsole(Console.Out, Console.Error, Console.IsErrorRedirected is false)
{
    In = Console.IsInputRedirected ? new Utf8Input(Console.OpenStandardInput(), "standard input") : Console.In,
    InputIsTerminal = !Console.IsInputRedirected,
};
return await CommandLineApp.RunAsync(args, terminal, signals.Token);
