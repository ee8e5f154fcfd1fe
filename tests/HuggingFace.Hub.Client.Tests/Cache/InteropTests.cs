using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace HuggingFace.Hub.Client.Tests;

/// <summary>The layout that Python's huggingface_hub writes and checks, both ways.</summary>
public sealed class InteropTests : HubTest
{
    [Fact]
    public async Task What_we_write_passes_pythons_checks()
    {
        await Client().DownloadSnapshotAsync(Gpt2);
        await Client().DownloadFileAsync(Gpt2, "config.json");
        await Assert.ThrowsAsync<HubEntryNotFoundException>(
            () => Client().DownloadFileAsync(Gpt2, "absent.json", new HubFileOptions { Revision = C1 }));

        Assert.StartsWith("Signature: 8a477f597d28d172789f06886806bc55\n", await File.ReadAllTextAsync(
            Path.Combine(CacheDirectory, "CACHEDIR.TAG")), StringComparison.Ordinal);
        Assert.Empty(PythonRules.Check(CacheDirectory));
    }

    [Fact]
    public async Task Absent_file_alone_does_not_make_the_repository_look_corrupt()
    {
        await Assert.ThrowsAsync<HubEntryNotFoundException>(() => Client().DownloadFileAsync(Gpt2, "absent.json"));

        Assert.Empty(PythonRules.Check(CacheDirectory));
    }

    [Fact]
    public async Task Tree_file_has_pythons_format()
    {
        await Client().DownloadSnapshotAsync(Gpt2);

        using JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(RepoCache, "trees", C1 + ".json")));
        Assert.Equal(1, json.RootElement.GetProperty("format_version").GetInt32());
        JsonElement config = json.RootElement.GetProperty("files").GetProperty("config.json");
        Assert.Equal(665, config.GetProperty("size").GetInt64());
        Assert.Equal(Config.GitHash, config.GetProperty("blob_id").GetString());
        Assert.False(config.TryGetProperty("lfs_sha256", out _));
        JsonElement weights = json.RootElement.GetProperty("files").GetProperty("model.safetensors");
        Assert.Equal(Weights.Sha256, weights.GetProperty("lfs_sha256").GetString());
        Assert.Equal(Weights.Content.Length, weights.GetProperty("lfs_size").GetInt64());
        Assert.Equal(Weights.XetHash, weights.GetProperty("xet_hash").GetString());
    }

    [Fact]
    public async Task What_python_wrote_is_used()
    {
        PythonLayout.Write(RepoCache, C1, "main", Config, Weights);
        HubClient offline = Client(setup => setup.Offline = true);

        Assert.Equal(Link(Config), (await offline.DownloadFileAsync(Gpt2, "config.json")).LocalPath);
        Assert.Equal([Link(Weights)], (await offline.DownloadModelAsync(Gpt2)).Weights);
        using (HubRemoteFile open = await offline.OpenFileAsync(Gpt2, Weights.Path))
        {
            Assert.Equal((true, Weights.Sha256), (open.IsCached, open.ContentHash));
        }

        await Client().DownloadSnapshotAsync(Gpt2);
        Assert.Equal(0, Server.ContentBytes);
        Assert.Equal(2, Assert.Single(offline.Cache.Scan().Repos).FileCount);
    }

    [Fact]
    public async Task Blob_that_links_into_the_shared_store_is_accepted_and_its_target_never_touched()
    {
        PythonLayout.Write(RepoCache, C1, "main", Config, Weights);
        string shared = Path.Combine(CacheDirectory, "blobs", Weights.XetHash[..2], Weights.XetHash);
        Directory.CreateDirectory(Path.GetDirectoryName(shared)!);
        File.Move(Blob(Weights), shared);
        File.CreateSymbolicLink(Blob(Weights), Path.Combine("..", "..", "blobs", Weights.XetHash[..2], Weights.XetHash));
        HubClient hub = Client();

        HubSnapshot snapshot = await hub.DownloadSnapshotAsync(Gpt2);
        Assert.Equal(0, Server.ContentBytes);
        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(snapshot.Find(Weights.Path)!.LocalPath));
        HubCacheInfo info = hub.Cache.Scan();
        Assert.Empty(info.Warnings);
        Assert.Single(info.Repos);
        Assert.Empty((await hub.Cache.VerifyAsync()).Problems);

        HubCacheRemoval removal = hub.Cache.Remove(Gpt2);
        Assert.Equal(Config.Content.Length, removal.FreedBytes);
        Assert.True(File.Exists(shared));
        Assert.False(Directory.Exists(RepoCache));
    }

    [Fact]
    public async Task Shared_store_saves_a_download()
    {
        string shared = Path.Combine(CacheDirectory, "blobs", Weights.XetHash[..2], Weights.XetHash);
        Directory.CreateDirectory(Path.GetDirectoryName(shared)!);
        await File.WriteAllBytesAsync(shared, Weights.Content);

        HubSnapshot snapshot = await Client().DownloadSnapshotAsync(Gpt2);

        Assert.Equal(Config.Content.Length, Server.ContentBytes);
        Assert.False(snapshot.Find(Weights.Path)!.WasDownloaded);
        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(Link(Weights)));
    }

    [Fact]
    public async Task Damaged_shared_blob_is_not_believed()
    {
        string shared = Path.Combine(CacheDirectory, "blobs", Weights.XetHash[..2], Weights.XetHash);
        Directory.CreateDirectory(Path.GetDirectoryName(shared)!);
        await File.WriteAllBytesAsync(shared, new byte[Weights.Content.Length]);

        await Client().DownloadSnapshotAsync(Gpt2);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(Link(Weights)));
    }

    [Theory]
    [InlineData("{\"format_version\": 2, \"files\": {}}")]
    [InlineData("{\"format_version\": 1, \"files\": {\"../x\": {\"size\": 1, \"blob_id\": \"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\"}}}")]
    [InlineData("{\"format_version\": 1, \"files\": {\"x\": {\"size\": -1, \"blob_id\": \"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\"}}}")]
    [InlineData("{\"format_version\": 1, \"files\": {\"x\": {\"size\": 1, \"blob_id\": \"../../x\"}}}")]
    [InlineData("{\"format_version\": 1, \"files\": {\"x\": null}}")]
    [InlineData("{\"format_version\": 1, \"files\": 7}")]
    [InlineData("not json")]
    public async Task Tree_file_that_is_not_sound_is_not_used(string json)
    {
        Directory.CreateDirectory(Path.Combine(RepoCache, "trees"));
        await File.WriteAllTextAsync(Path.Combine(RepoCache, "trees", C1 + ".json"), json);

        HubSnapshot snapshot = await Client().DownloadSnapshotAsync(Gpt2);

        Assert.Equal(2, snapshot.Files.Count);
    }

    [SkippableFact]
    public async Task Python_itself_finds_nothing_wrong()
    {
        await Client().DownloadSnapshotAsync(Gpt2);
        var start = new ProcessStartInfo("python3", ["-c",
            "import sys, huggingface_hub as h; i = h.scan_cache_dir(sys.argv[1]); print(len(i.repos), len(i.warnings))", CacheDirectory])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
        }

        Skip.If(process is null, "There is no python3 here.");
        using (process)
        {
            string output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Skip.If(process.ExitCode != 0, "There is no huggingface_hub here.");
            Assert.Equal("1 0", output.Trim());
        }
    }

    /// <summary>A repository's folder as huggingface_hub writes it, without a listing.</summary>
    private static class PythonLayout
    {
        public static void Write(string folder, string commit, string revision, params FakeFile[] files)
        {
            Directory.CreateDirectory(Path.Combine(folder, "blobs"));
            Directory.CreateDirectory(Path.Combine(folder, "refs"));
            Directory.CreateDirectory(Path.Combine(folder, "snapshots", commit));
            File.WriteAllText(Path.Combine(folder, "refs", revision), commit);
            foreach (FakeFile file in files)
            {
                File.WriteAllBytes(Path.Combine(folder, "blobs", file.ETag), file.Content);
                File.CreateSymbolicLink(Path.Combine(folder, "snapshots", commit, file.Path), $"../../blobs/{file.ETag}");
            }
        }
    }

    /// <summary>The rules of huggingface_hub's <c>_scan_cached_repo</c>, written down anew.</summary>
    private static class PythonRules
    {
        public static List<string> Check(string cache)
        {
            var faults = new List<string>();
            foreach (string entry in Directory.EnumerateFileSystemEntries(cache))
            {
                string name = Path.GetFileName(entry);
                if (name is ".locks" or "CACHEDIR.TAG")
                {
                    continue;
                }

                if (!Directory.Exists(entry) || !Regex.IsMatch(name, "^(models|datasets|spaces)--"))
                {
                    faults.Add($"{entry} is no repository");
                    continue;
                }

                CheckRepo(entry, faults);
            }

            return faults;
        }

        private static void CheckRepo(string repo, List<string> faults)
        {
            string snapshots = Path.Combine(repo, "snapshots");
            if (!Directory.Exists(snapshots))
            {
                faults.Add("no snapshots");
                return;
            }

            if (Directory.EnumerateFiles(snapshots).Any())
            {
                faults.Add("a file among the snapshots");
            }

            foreach (string file in Directory.EnumerateFiles(snapshots, "*", SearchOption.AllDirectories))
            {
                if (!File.Exists(File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file))
                {
                    faults.Add($"{file} is broken");
                }
            }

            foreach (string reference in Directory.EnumerateFiles(Path.Combine(repo, "refs"), "*", SearchOption.AllDirectories))
            {
                // Read as it is, without trimming.
                if (!Directory.Exists(Path.Combine(snapshots, File.ReadAllText(reference))))
                {
                    faults.Add($"{reference} points nowhere");
                }
            }

            foreach (string blob in Directory.EnumerateFiles(Path.Combine(repo, "blobs")))
            {
                if (!Regex.IsMatch(Path.GetFileName(blob), "^([0-9a-f]{40}|[0-9a-f]{64})$"))
                {
                    faults.Add($"{blob} has no blob's name");
                }
            }
        }
    }
}
