namespace Importer.Cli.Tests;

/// <summary>Runs a command line in this process.</summary>
internal static class CommandLine
{
    public static async Task<Outcome> RunAsync(CancellationToken cancellationToken, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLineApp.RunAsync(args, new CliConsole(output, error, ErrorIsTerminal: false), cancellationToken);
        return new Outcome(code, output.ToString(), error.ToString());
    }

    public static Task<Outcome> RunAsync(params string[] args) => RunAsync(CancellationToken.None, args);
}
