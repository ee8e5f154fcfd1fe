using System.Diagnostics;

namespace Importer.Cli.Tests;

/// <summary>Runs a command line, in this process or in one of its own.</summary>
internal static class CommandLine
{
    /// <summary>The program's assembly, for <c>dotnet</c> to run.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "program", Path.GetFileName(typeof(ExitCode).Assembly.Location));

    /// <summary>Starts the program in a process of its own, with none of this process's settings for the hub.</summary>
    public static Process Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. args]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("HF_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
    }

    public static async Task<Outcome> RunAsync(CancellationToken cancellationToken, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLineApp.RunAsync(args, new CliConsole(output, error, ErrorIsTerminal: false), cancellationToken);
        return new Outcome(code, output.ToString(), error.ToString());
    }

    public static Task<Outcome> RunAsync(params string[] args) => RunAsync(CancellationToken.None, args);
}
