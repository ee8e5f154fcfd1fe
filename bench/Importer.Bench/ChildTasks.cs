using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using HuggingFace.Hub.Client;
using Importer.Models.Gpt;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Bench;

/// <summary>What is measured in a process of its own, so that its memory is its own too.</summary>
internal static class ChildTasks
{
    /// <summary>Runs a task and prints its figures as JSON.</summary>
    public static int Run(string[] args)
    {
        switch (args)
        {
            case ["load", var directory]:
                Console.WriteLine(JsonSerializer.Serialize(Load(directory)));
                return 0;
            case ["download", var endpoint, var cache, var file]:
                Console.WriteLine(JsonSerializer.Serialize(Download(new Uri(endpoint), cache, file)));
                return 0;
            case ["train", var shape, var steps]:
                TrainChild.Steps(shape, int.Parse(steps, CultureInfo.InvariantCulture));
                return 0;
            case ["optimizer-peak"]:
                Console.WriteLine(JsonSerializer.Serialize(TrainChild.OptimizerPeak()));
                return 0;
            case ["save-overlap"]:
                Console.WriteLine(JsonSerializer.Serialize(SaveOverlap.MeasureAsync().GetAwaiter().GetResult()));
                return 0;
            case ["train-growth"]:
                Console.WriteLine(JsonSerializer.Serialize(TrainChild.Growth()));
                return 0;
            default:
                Console.Error.WriteLine("no such task");
                return 2;
        }
    }

    /// <summary>This program, for dotnet to run.</summary>
    public static string Program =>
        Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.GetCommandLineArgs()[0] : typeof(ChildTasks).Assembly.Location;

    /// <summary>Runs this program with the arguments and returns the figures it prints.</summary>
    public static T Measure<T>(params string[] args)
    {
        var (output, _) = Execute("dotnet", [Program, "child", .. args]);
        return JsonSerializer.Deserialize<T>(output)!;
    }

    /// <summary>Runs a program to its end and returns what it printed and how long it took.</summary>
    public static (string Output, double Seconds) Execute(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? (output, watch.Elapsed.TotalSeconds)
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {error.Result}");
    }

    private static LoadFigures Load(string directory)
    {
        // The start of torch and of our own code is no part of a load, as Python's imports are none of the times compared with.
        var watch = Stopwatch.StartNew();
        using (GptModel.FromPretrained(Path.Combine(Repository.Root, "fixtures", "tiny-gpt2"), new() { Device = CPU }))
        {
        }

        double start = watch.Elapsed.TotalSeconds;
        long before = Status("VmRSS");
        File.WriteAllText("/proc/self/clear_refs", "5"); // resets the peak
        watch.Restart();
        using var model = GptModel.FromPretrained(directory, new() { Device = CPU });
        double seconds = watch.Elapsed.TotalSeconds;
        return new LoadFigures(seconds, start, Status("VmHWM"), before, model.LoadReport!.ParameterBytes, model.LoadReport.IsMapped);
    }

    private static DownloadFigures Download(Uri endpoint, string cache, string file)
    {
        using var client = new HubClient(new HubClientOptions { Endpoint = endpoint, CacheDirectory = cache });
        // As with a load: the start of the program is no part of a transfer.
        client.DownloadFileAsync(HubBenchmark.Repo, "config.json").GetAwaiter().GetResult();
        long before = Status("VmRSS");
        File.WriteAllText("/proc/self/clear_refs", "5");
        var cpu = Environment.CpuUsage.TotalTime;
        double seconds = Statistics.Seconds(() => client.DownloadFileAsync(HubBenchmark.Repo, file).GetAwaiter().GetResult());
        return new DownloadFigures(seconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, before, Status("VmHWM"));
    }

    /// <summary>A field of /proc/self/status, in bytes.</summary>
    public static long Status(string field)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
