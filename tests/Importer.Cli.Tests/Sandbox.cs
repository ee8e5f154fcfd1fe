using System.Diagnostics;

namespace Importer.Cli.Tests;

/// <summary>Runs the program where a test decides what is mounted, or without root's rights; skips where the system does not allow it.</summary>
internal static class Sandbox
{
    /// <summary>Runs the program in a mount namespace of its own.</summary>
    /// <param name="setUp">A shell command that runs first; <c>$1</c> is <paramref name="place"/>.</param>
    /// <param name="place">A directory.</param>
    /// <param name="args">The program's arguments.</param>
    public static async Task<Outcome> RunMountedAsync(string setUp, string place, params string[] args)
    {
        const string refused = "no mounts of one's own";
        Skip.IfNot(OperatingSystem.IsLinux(), "mounts");
        var outcome = await RunAsync(
            "unshare", ["-rm", "sh", "-c", $"{{ {setUp}; }} || {{ echo \"{refused}\" >&2; exit 99; }}; shift; exec dotnet \"$@\"", "sh", place, CommandLine.Program, .. args]);
        Skip.If(outcome.Error.Contains(refused, StringComparison.Ordinal) || outcome.Error.StartsWith("unshare:", StringComparison.Ordinal), refused);
        return outcome;
    }

    /// <summary>Runs a shell script in a mount namespace of its own.</summary>
    /// <param name="setUp">A shell command that runs first; <c>$1</c> is the first argument.</param>
    /// <param name="script">The script.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<Outcome> RunScriptAsync(string setUp, string script, string[] arguments)
    {
        const string refused = "no mounts of one's own";
        Skip.IfNot(OperatingSystem.IsLinux(), "mounts");
        var outcome = await RunAsync("unshare", ["-rm", "sh", "-c", $"{{ {setUp}; }} || {{ echo \"{refused}\" >&2; exit 99; }}\n{script}", "sh", .. arguments]);
        Skip.If(outcome.Error.Contains(refused, StringComparison.Ordinal) || outcome.Error.StartsWith("unshare:", StringComparison.Ordinal), refused);
        return outcome;
    }

    /// <summary>Runs the program as somebody whom permissions bind.</summary>
    public static async Task<Outcome> RunUnprivilegedAsync(params string[] args)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "permissions");
        if (!Environment.IsPrivilegedProcess)
        {
            return await RunAsync("dotnet", [CommandLine.Program, .. args]);
        }

        Skip.IfNot(File.Exists("/usr/bin/setpriv"), "no setpriv");
        var outcome = await RunAsync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "--", "dotnet", CommandLine.Program, .. args]);
        Skip.If(outcome.Code is 126 or 127 or 131 or 132 || outcome.Error.StartsWith("setpriv:", StringComparison.Ordinal), "the program is not readable to others");
        return outcome;
    }

    private static async Task<Outcome> RunAsync(string program, string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Outcome(process.ExitCode, await output, error);
    }
}
