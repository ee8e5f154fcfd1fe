using System.Diagnostics;

namespace Importer.Cli.Tests;

/// <summary>Runs a command line, in this process or in one of its own.</summary>
internal static class CommandLine
{
    /// <summary>The program's assembly, for <c>dotnet</c> to run.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "program", Path.GetFileName(typeof(ExitCode).Assembly.Location));

    /// <summary>
    /// The program that starts others, and what comes before their arguments: what a script starts in the background ignores Ctrl-C, and so
    /// would they.
    /// </summary>
    public static (string Program, string[] Arguments) Runner { get; } = IgnoresSignals() ? ("env", ["--default-signal=INT,HUP", "dotnet"]) : ("dotnet", []);

    /// <summary>Starts the program in a process of its own, with none of this process's settings for the hub.</summary>
    public static Process Start(params string[] args)
    {
        var start = new ProcessStartInfo(Runner.Program, [.. Runner.Arguments, Program, .. args]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("HF_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
    }

    private static bool IgnoresSignals()
    {
        const int hangUp = 1 << 0, interrupt = 1 << 1;
        string? ignored = OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) : null;
        return ignored is not null && (Convert.ToUInt64(ignored["SigIgn:".Length..].Trim(), 16) & (hangUp | interrupt)) != 0;
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
