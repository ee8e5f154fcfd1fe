using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Importer.Cli.Commands;

/// <summary>
/// Starts the ranks of a run on this machine: processes of this very program, of which only rank 0 is heard, and of the others their errors.
/// </summary>
internal static class Launcher
{
    /// <summary>In the environment of a process that was started so: how many there are.</summary>
    public const string Marker = "IMPORTER_LAUNCHED";

    // The port was free when it was looked for, and may be somebody's by the time that rank 0 wants it.
    private const string Ports = "8";

    // One that failed is noticed by the others in their next operation; who is in none by then is asked to stop.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Runs the processes until all have ended.</summary>
    /// <param name="count">How many.</param>
    /// <param name="arguments">The arguments of each.</param>
    /// <param name="console">Where what the others say goes; rank 0 has this process's own output.</param>
    /// <param name="cancellationToken">Stops all of them, which save what was trained.</param>
    /// <returns>The worst exit code: rank 0's, where it is an error, then the others'; being cancelled is better than any.</returns>
    public static async Task<int> RunAsync(int count, IReadOnlyList<string> arguments, CliConsole console, CancellationToken cancellationToken)
    {
        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)), port = FreePort().ToString(CultureInfo.InvariantCulture);
        var ranks = new List<Process>();
        try
        {
            for (int rank = 0; rank < count; rank++)
            {
                ranks.Add(Start(rank, count, port, token, arguments, console));
            }

            await using var stopping = cancellationToken.Register(() => ranks.ForEach(Stop));
            var running = ranks.Select(rank => rank.WaitForExitAsync(CancellationToken.None)).ToList();
            while (running.Count > 0)
            {
                running.Remove(await Task.WhenAny(running).ConfigureAwait(false));
                if (ranks.Exists(rank => rank.HasExited && rank.ExitCode != 0) && running.Count > 0)
                {
                    await Task.WhenAny(Task.WhenAll(running), Task.Delay(Patience, CancellationToken.None)).ConfigureAwait(false);
                    ranks.ForEach(Stop);
                }
            }

            for (int rank = 0; rank < count; rank++)
            {
                if (ranks[rank].ExitCode is > 128 and not ExitCode.Cancelled and var code)
                {
                    await console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"rank {rank} was ended by signal {code - 128}")).ConfigureAwait(false);
                }
            }

            return Worst([.. ranks.Select(rank => rank.ExitCode)]);
        }
        finally
        {
            // Those that still run, because one could not be started, end with their input.
            ranks.ForEach(rank =>
            {
                Stop(rank);
                rank.Dispose();
            });
        }
    }

    /// <summary>Cancels what a process does when the one that has started it asks for that, or is gone: its standard input ends then.</summary>
    public static void StopWithLauncher(CancellationTokenSource cancellation)
    {
        var thread = new Thread(() =>
        {
            try
            {
                using var input = Console.OpenStandardInput();
                Span<byte> nothing = stackalloc byte[16];
                while (input.Read(nothing) > 0)
                {
                }

                cancellation.Cancel();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
            }
        })
        { IsBackground = true, Name = "launcher" };
        thread.Start();
    }

    /// <summary>One exit code for all.</summary>
    internal static int Worst(IReadOnlyList<int> codes) =>
        codes.Select(code => (int?)code).FirstOrDefault(code => code is not (ExitCode.Success or ExitCode.Cancelled))
        ?? (codes.Contains(ExitCode.Cancelled) ? ExitCode.Cancelled : ExitCode.Success);

    private static Process Start(int rank, int count, string port, string token, IReadOnlyList<string> arguments, CliConsole console)
    {
        // dotnet program.dll, or the program itself.
        string host = Environment.ProcessPath!;
        bool isDotnet = Path.GetFileNameWithoutExtension(host).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        var start = new ProcessStartInfo(host, isDotnet ? [typeof(Launcher).Assembly.Location, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = rank > 0,
            RedirectStandardError = rank > 0,
        };
        string number = rank.ToString(CultureInfo.InvariantCulture), all = count.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in new[]
        {
            ("RANK", number), ("LOCAL_RANK", number), ("WORLD_SIZE", all), ("LOCAL_WORLD_SIZE", all), ("MASTER_ADDR", "127.0.0.1"), ("MASTER_PORT", port),
            (Marker, all), ("IMPORTER_GROUP_TOKEN", token), ("IMPORTER_GROUP_PORTS", Ports),
        })
        {
            start.Environment[name] = value;
        }

        // Each would take all cores otherwise.
        start.Environment.TryAdd("OMP_NUM_THREADS", Math.Max(1, Environment.ProcessorCount / count).ToString(CultureInfo.InvariantCulture));
        var process = Process.Start(start)!;
        if (rank > 0)
        {
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data is { } text)
                {
                    console.Error.WriteLine($"rank {number}: {text}");
                }
            };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        return process;
    }

    private static void Stop(Process rank)
    {
        try
        {
            rank.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException)
        {
            // It has ended.
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
