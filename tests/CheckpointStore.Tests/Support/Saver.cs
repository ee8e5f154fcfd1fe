using System.Diagnostics;

namespace CheckpointStorage.Tests;

/// <summary>The saving program in another process.</summary>
internal sealed class Saver : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private Saver(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static string Command => Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    public static string Assembly => Path.Combine(AppContext.BaseDirectory, "saver", "CheckpointStore.Tests.Saver.dll");

    public int ProcessId => _process.Id;

    /// <summary>Starts it.</summary>
    /// <param name="arguments">What it is told.</param>
    /// <param name="crashAt">Where it is to be killed; nowhere where null.</param>
    /// <param name="wrapper">A program and its arguments to start it with.</param>
    public static Saver Start(string[] arguments, string? crashAt = null, params string[] wrapper)
    {
        string[] command = [.. wrapper, Command, Assembly, .. arguments];
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove(IO.CrashPoint.Variable);
        if (crashAt is not null)
        {
            start.Environment[IO.CrashPoint.Variable] = crashAt;
        }

        return new Saver(Process.Start(start)!);
    }

    public async Task<string> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync() ?? "";

    public void Kill() => _process.Kill();

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code, and what it printed.</returns>
    public async Task<(int ExitCode, string Output)> FinishAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        string output = await _process.StandardOutput.ReadToEndAsync(limit.Token);
        await _process.WaitForExitAsync(limit.Token);
        return (_process.ExitCode, output.Trim() + (await _errors).Trim());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
