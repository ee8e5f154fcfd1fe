using System.Diagnostics;

namespace HuggingFace.Hub.Client.Tests;

/// <summary>The downloader in another process.</summary>
public sealed class Downloader : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private Downloader(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static string Dotnet => Environment.ProcessPath is { } path
        && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    public static string Assembly => Path.Combine(AppContext.BaseDirectory, "downloader", "HuggingFace.Hub.Client.Tests.Downloader.dll");

    /// <summary>Starts it with exactly these variables of the hub's, whatever the machine has.</summary>
    /// <param name="variables">The variables.</param>
    /// <param name="wrapper">A program and its arguments to start it with, such as a shell that sets the umask.</param>
    public static Downloader Start(IReadOnlyDictionary<string, string> variables, params string[] wrapper)
    {
        string[] command = [.. wrapper, Dotnet, Assembly];
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in start.Environment.Keys.Where(IsHubs).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        return new Downloader(Process.Start(start)!);
    }

    /// <summary>Ends it as a power cut would: no handler runs.</summary>
    public void Kill() => _process.Kill();

    public bool HasExited => _process.HasExited;

    /// <summary>Waits for its end and returns what it printed.</summary>
    public async Task<string> FinishAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await _process.WaitForExitAsync(limit.Token);
        return (await _output).Trim() + (await _errors).Trim();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static bool IsHubs(string name) =>
        name.StartsWith("HF_", StringComparison.Ordinal) || name.StartsWith("TEST_", StringComparison.Ordinal)
        || name.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase) || name.StartsWith("HUGGING", StringComparison.Ordinal);
}
