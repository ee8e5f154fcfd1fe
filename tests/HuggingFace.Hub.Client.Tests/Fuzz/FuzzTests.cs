using System.Collections.Concurrent;
using Xunit.Abstractions;

namespace HuggingFace.Hub.Client.Tests;

/// <summary>
/// Thousands of broken conversations: each ends soon, with the right content or a typed error, and no wrong file ever appears. 500 cases,
/// 10,000 when the variable NIGHTLY is 1; FUZZ_SEED repeats a single one.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly FakeFile Config = FakeFile.Text("config.json", "{\"model_type\": \"gpt2\"}");
    private static readonly FakeFile Weights = FakeFile.Lfs("model.safetensors", 100_000);

    [Fact]
    public async Task Broken_answers_never_make_a_wrong_file_a_hang_or_an_untyped_error()
    {
        int[] seeds = Environment.GetEnvironmentVariable("FUZZ_SEED") is { } one
            ? [int.Parse(one, System.Globalization.CultureInfo.InvariantCulture)]
            : [.. Enumerable.Range(0, Environment.GetEnvironmentVariable("NIGHTLY") == "1" ? 10_000 : 500)];
        var outcomes = new ConcurrentDictionary<string, int>();

        await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (seed, _) =>
        {
            string outcome;
            try
            {
                outcome = await RunAsync(seed);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Fuzz case {seed} (repeat with FUZZ_SEED={seed}): {error.Message}", error);
            }

            outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
        });

        foreach ((string outcome, int count) in outcomes.OrderByDescending(pair => pair.Value))
        {
            output.WriteLine($"{count,6} {outcome}");
        }

        if (seeds.Length > 1)
        {
            // Otherwise the test would test nothing.
            Assert.InRange(outcomes.GetValueOrDefault("ok, answers broken"), seeds.Length / 10, seeds.Length);
            Assert.InRange(outcomes.GetValueOrDefault("ok"), seeds.Length / 100, seeds.Length);
            Assert.True(outcomes.Count >= 6);
        }
    }

    private static async Task<string> RunAsync(int seed)
    {
        string root = Directory.CreateTempSubdirectory("hub-fuzz-").FullName;
        try
        {
            var mutator = new Mutator(seed);
            await using var server = new RawHub([Config, Weights], mutator.Break);
            var setup = new TestSetup
            {
                Endpoint = server.Url,
                CacheDirectory = Path.Combine(root, "hub"),
                Block = 16 * 1024,
                Threshold = 32 * 1024,
                Retries = 2,
                Timeout = TimeSpan.FromMilliseconds(400),
                MaxWait = TimeSpan.FromMilliseconds(50),
                MaxDelay = TimeSpan.FromMilliseconds(5),
            };
            setup.Variables["HOME"] = root;
            using var log = new ListLogger();
            string outcome;
            using (var hub = new HubClient(setup.Build(log)))
            {
                outcome = await TryAsync(hub, seed).WaitAsync(TimeSpan.FromSeconds(60));
            }

            Assert.InRange(server.Requests, 1, 400);
            CheckCache(Path.Combine(root, "hub"));
            return outcome == "ok" && mutator.Broken > 0 ? "ok, answers broken" : outcome;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<string> TryAsync(HubClient hub, int seed)
    {
        try
        {
            switch (seed % 5)
            {
                case 0:
                    await CheckAsync(await hub.DownloadFileAsync(RawHub.Repo, Config.Path), Config);
                    break;
                case 1:
                    await CheckAsync(await hub.DownloadFileAsync(RawHub.Repo, Weights.Path), Weights);
                    break;
                case 2:
                    HubSnapshot snapshot = await hub.DownloadSnapshotAsync(
                        RawHub.Repo, new HubSnapshotOptions { AllowPatterns = [Config.Path, Weights.Path] });
                    foreach (HubFile file in snapshot.Files)
                    {
                        await CheckAsync(file, file.Path == Config.Path ? Config : Weights);
                    }

                    break;
                case 3:
                    HubModelFiles model = await hub.DownloadModelAsync(RawHub.Repo);
                    await CheckAsync(model.Snapshot.Find(Weights.Path)!, Weights);
                    break;
                default:
                    using (HubRemoteFile remote = await hub.OpenFileAsync(RawHub.Repo, Weights.Path))
                    {
                        // Pieces carry no hash: only their length can be checked.
                        await remote.ReadAsync(remote.Length / 2, new byte[Math.Min(1000, remote.Length / 2)]);
                    }

                    break;
            }

            return "ok";
        }
        catch (HubException error)
        {
            Assert.NotEmpty(error.Message);
            return error.GetType().Name;
        }
    }

    private static async Task CheckAsync(HubFile file, FakeFile expected) =>
        Assert.Equal(expected.Content, await File.ReadAllBytesAsync(file.LocalPath));

    /// <summary>Every blob is what its name says, and every link of a snapshot leads to one.</summary>
    private static void CheckCache(string cache)
    {
        if (!Directory.Exists(cache))
        {
            return;
        }

        string blobs = Path.Combine(cache, "models--fuzz--repo", "blobs");
        foreach (string blob in Directory.Exists(blobs) ? Directory.GetFiles(blobs) : [])
        {
            string name = Path.GetFileName(blob);
            if (!name.EndsWith(".incomplete", StringComparison.Ordinal))
            {
                var file = new FakeFile("x", File.ReadAllBytes(blob), isLfs: name.Length == 64);
                Assert.Equal(name, file.ETag);
            }
        }

        string snapshots = Path.Combine(cache, "models--fuzz--repo", "snapshots");
        foreach (string link in Directory.Exists(snapshots) ? Directory.GetFiles(snapshots, "*", SearchOption.AllDirectories) : [])
        {
            Assert.Equal(blobs, Path.GetDirectoryName(File.ResolveLinkTarget(link, true)!.FullName));
        }

        string[] foreign = [.. Directory.GetFileSystemEntries(cache).Select(Path.GetFileName).Where(
            name => name is not (".locks" or "CACHEDIR.TAG" or "models--fuzz--repo"))!];
        Assert.Empty(foreign);
    }
}
