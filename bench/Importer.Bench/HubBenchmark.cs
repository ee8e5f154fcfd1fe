using System.Globalization;
using HuggingFace.Hub.Client;
using HuggingFace.Hub.FakeHub;
using Tests.Shared;

namespace Importer.Bench;

/// <summary>Downloads with verification from a hub on this machine, beside curl, which verifies nothing.</summary>
internal static class HubBenchmark
{
    public const string Repo = "bench/model";

    private const int Mebi = 1 << 20;

    public static void Run(Verdicts verdicts) => RunAsync(verdicts).GetAwaiter().GetResult();

    private static async Task RunAsync(Verdicts verdicts)
    {
        await using var server = await FakeHubServer.StartAsync();
        server.PieceSize = Mebi;
        var large = FakeFile.Lfs("large.safetensors", 1024 * Mebi);
        var medium = FakeFile.Lfs("medium.safetensors", 256 * Mebi, seed: 2);
        var model = FakeFile.Lfs("model.safetensors", Mebi, seed: 3);
        server.Add(Repo, FakeFile.Text("config.json", "{}"), large, medium, model);
        string scratch = Path.Combine(GeneratedCheckpoint.Directory, "hub");
        try
        {
            Unlimited(verdicts, server, large, scratch);
            Limited(verdicts, server, medium, scratch);
            await CachedAsync(verdicts, server, scratch);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static void Unlimited(Verdicts verdicts, FakeHubServer server, FakeFile file, string scratch)
    {
        var ours = new List<DownloadFigures>();
        var curl = new List<CurlFigures>();
        for (int round = 0; round < 5; round++)
        {
            ours.Add(AfterItself(
                scratch, () => ChildTasks.Measure<DownloadFigures>("download", server.HubUrl.AbsoluteUri, Path.Combine(scratch, "cache"), file.Path)));
            curl.Add(AfterItself(scratch, () => Curl(server, file, scratch)));
        }

        double seconds = Statistics.Median(ours.Select(figures => figures.Seconds)), curlSeconds = Statistics.Median(curl.Select(figures => figures.Seconds));
        double flushed = Statistics.Median(curl.Select(figures => figures.Seconds + figures.FlushSeconds));
        Verdicts.Note($"1 GiB: {seconds:0.00} s, verified and flushed; curl {curlSeconds:0.00} s, neither; curl flushed {flushed:0.00} s: {flushed / seconds:0.00} of its rate");

        // Less noisy than the time on the wall where others share the machine.
        double cpu = Statistics.Median(ours.Select(figures => figures.CpuSeconds)), curlCpu = Statistics.Median(curl.Select(figures => figures.CpuSeconds));
        Verdicts.Note($"1 GiB, processors: {cpu:0.00} s with the hash; curl {curlCpu:0.00} s");
        verdicts.AtLeast("1 GiB over loopback, parts of curl's rate", curlSeconds / seconds, 0.8);
        verdicts.AtMost("1 GiB, memory above the client's own, MB", ours.Max(figures => figures.PeakBytes - figures.BeforeBytes) / 1e6, 64);
    }

    private static void Limited(Verdicts verdicts, FakeHubServer server, FakeFile file, string scratch)
    {
        server.BodyRate = 20e6;
        Clear(scratch);
        var ours = ChildTasks.Measure<DownloadFigures>("download", server.HubUrl.AbsoluteUri, Path.Combine(scratch, "cache"), file.Path);
        double curl = Curl(server, file, scratch).Seconds;
        server.BodyRate = null;
        Verdicts.Note($"256 MiB at 20 MB/s a connection: {ours.Seconds:0.00} s; curl {curl:0.00} s");
        verdicts.AtLeast("20 MB/s a connection, times curl's rate", curl / ours.Seconds, 6);
    }

    private static async Task CachedAsync(Verdicts verdicts, FakeHubServer server, string scratch)
    {
        using var client = new HubClient(new HubClientOptions { Endpoint = server.HubUrl, CacheDirectory = Path.Combine(scratch, "cache") });
        var options = new HubModelOptions { Revision = server.Repos[Repo].Refs["main"] };
        await client.DownloadModelAsync(Repo, options);
        server.ForgetRequests();
        var seconds = Enumerable.Range(0, 50)
            .Select(_ => Statistics.Seconds(() => client.DownloadModelAsync(Repo, options).GetAwaiter().GetResult())).ToList();
        verdicts.AtMost("a cached model by commit, ms", 1000 * Statistics.Median(seconds), 5);
        verdicts.AtMost("a cached model by commit, requests", server.Requests.Count, 0);
    }

    private static CurlFigures Curl(FakeHubServer server, FakeFile file, string scratch)
    {
        string path = Path.Combine(scratch, "curl");
        var (times, seconds) = ChildTasks.Execute(
            "bash", "-c", "TIMEFORMAT='%U %S'; { time curl --silent --fail --output \"$0\" \"$1\"; } 2>&1", path, server.Cdn.Sign(file));
        return new CurlFigures(seconds, Cpu(times), ChildTasks.Execute("sync", path).Seconds);
    }

    // Twice, and the second counts: what one wrote and was removed is paid for by whoever comes next, on machines that give memory back.
    private static T AfterItself<T>(string scratch, Func<T> measure)
    {
        Clear(scratch);
        measure();
        Clear(scratch);
        return measure();
    }

    // User and kernel mode, as bash's time prints them.
    private static double Cpu(string times) =>
        times.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Sum(part => double.Parse(part, CultureInfo.InvariantCulture));

    // What one download left to be written to the disk must not slow the next.
    private static void Clear(string scratch)
    {
        if (Directory.Exists(scratch))
        {
            Directory.Delete(scratch, recursive: true);
        }

        Directory.CreateDirectory(scratch);
        ChildTasks.Execute("sync");
    }
}
