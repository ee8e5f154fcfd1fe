using Importer.Cli;

var terminal = new CliConsole(Console.Out, Console.Error, Console.IsErrorRedirected is false);
return await CommandLineApp.RunAsync(args, terminal, CancellationToken.None);
