using System.Diagnostics;
using System.Text.Json;
using HuggingFace.Hub.FakeHub;
using Tests.Shared;

namespace Importer.Cli.Tests.Hub;

/// <summary><c>import-weights download ID</c>.</summary>
public sealed class DownloadCommandTests : HubCommandTest
{
    private const int Size = 64 << 20;

    [Fact]
    public async Task The_directory_is_printed_and_holds_the_model()
    {
        ServeTiny();

        var outcome = await Run("download", Gpt2);

        Assert.Equal(ExitCode.Success, outcome.Code);
        string directory = outcome.Out.TrimEnd('\n');
        Assert.StartsWith(Cache, directory, StringComparison.Ordinal);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(Repository.Fixture("tiny-gpt2"), "model.safetensors")),
            File.ReadAllBytes(Path.Combine(directory, "model.safetensors")));
    }

    [Fact]
    public async Task Json_lists_every_file()
    {
        var repo = ServeTiny();

        var outcome = await Run("download", Gpt2, "--json", "--quiet");

        Assert.Equal("", outcome.Error);
        var root = JsonDocument.Parse(outcome.Out).RootElement;
        Assert.Equal(repo.Refs["main"], root.GetProperty("commit").GetString());
        Assert.All(root.GetProperty("files").EnumerateArray(), file => Assert.True(File.Exists(file.GetProperty("local_path").GetString())));
    }

    [Fact]
    public async Task Patterns_add_and_leave_out_files()
    {
        var repo = ServeTiny();
        repo.Commit([.. repo.Commits[repo.Refs["main"]], FakeFile.Text("notes/a.txt", "a"), FakeFile.Text("notes/b.md", "b")]);

        var outcome = await Run("download", Gpt2, "--include", "notes/*", "--exclude", "*.md");

        string directory = outcome.Out.TrimEnd('\n');
        Assert.True(File.Exists(Path.Combine(directory, "notes", "a.txt")));
        Assert.True(File.Exists(Path.Combine(directory, "model.safetensors")));
        Assert.False(File.Exists(Path.Combine(directory, "notes", "b.md")));
    }

    [Theory]
    [InlineData("a/b/c")]
    [InlineData("../gpt2")]
    [InlineData("")]
    public async Task What_is_no_id_is_a_usage_error(string id) => Assert.Equal(ExitCode.Usage, (await Run("download", id)).Code);

    [Fact]
    public async Task A_copy_from_the_cache_instead_of_the_hubs_is_told_unless_quiet()
    {
        ServeTiny();
        await Run("download", Gpt2);
        Server.Intercept = async (context, _) =>
        {
            await FakeHubPages.ErrorAsync(context, 503, null, "down for a while");
            return true;
        };

        var told = await Run("download", "hf://" + Gpt2);
        var quiet = await Run("download", Gpt2, "--quiet");

        Assert.Equal((ExitCode.Success, ExitCode.Success), (told.Code, quiet.Code));
        Assert.Contains("warning: Using the cached copy", told.Error, StringComparison.Ordinal);
        Assert.Contains("down for a while", told.Error, StringComparison.Ordinal);
        Assert.Equal("", quiet.Error);
    }

    [Fact]
    public async Task Another_download_that_is_waited_for_is_told()
    {
        ServeTiny();
        string locks = Path.Combine(Cache, ".locks", "models--openai-community--gpt2");
        System.IO.Directory.CreateDirectory(locks);
        string name = Server.Repos[Gpt2].Find(Server.Repos[Gpt2].Refs["main"], "model.safetensors")!.ETag + ".lock";
        using var told = new StringWriter();
        Task<int> download;
        using (File.Open(Path.Combine(locks, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            download = CommandLineApp.RunAsync(
                ["download", Gpt2, "--endpoint", Server.HubUrl.AbsoluteUri, "--cache-dir", Cache],
                new CliConsole(TextWriter.Null, TextWriter.Synchronized(told), ErrorIsTerminal: false), CancellationToken.None);
            while (!told.ToString().Contains("note: Waiting for another download of model.safetensors", StringComparison.Ordinal))
            {
                Assert.False(download.IsCompleted, "It did not wait.");
                await Task.Delay(5);
            }
        }

        Assert.Equal(ExitCode.Success, await download);
    }

    [Fact]
    public async Task What_a_killed_download_fetched_is_not_fetched_again()
    {
        var weights = FakeFile.Lfs("model.safetensors", Size);
        Server.Add(Gpt2, [.. Files(Repository.Fixture("tiny-gpt2")).Where(file => !file.IsLfs), weights]);
        Server.ContentSent = _ => Task.Delay(1);

        using (var first = Start("download", Gpt2))
        {
            while (Server.ContentBytes < Size / 2)
            {
                Assert.False(first.HasExited, "The download ended before it could be stopped.");
                await Task.Delay(1);
            }

            first.Kill();
            await first.WaitForExitAsync();
        }

        using var second = Start("download", Gpt2);
        string directory = (await second.StandardOutput.ReadToEndAsync()).TrimEnd('\n');
        await second.WaitForExitAsync();

        Assert.Equal(0, second.ExitCode);
        Assert.Equal(weights.Content, File.ReadAllBytes(Path.Combine(directory, "model.safetensors")));
        Assert.InRange(Server.CdnRequests.Sum(request => request.ContentBytes), Size, Size + Size / 4);
    }

    [SkippableTheory]
    [InlineData("-INT")]
    [InlineData("-TERM")]
    public async Task A_signal_stops_it_and_says_how_to_go_on(string signal)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals");
        Server.Add(Gpt2, [.. Files(Repository.Fixture("tiny-gpt2")).Where(file => !file.IsLfs), FakeFile.Lfs("model.safetensors", Size)]);
        Server.ContentSent = _ => Task.Delay(1);
        using var process = Start("download", Gpt2);
        while (Server.ContentBytes < Size / 8)
        {
            Assert.False(process.HasExited, "The download ended before it could be stopped.");
            await Task.Delay(1);
        }

        using (var kill = Process.Start("kill", [signal, $"{process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(ExitCode.Cancelled, process.ExitCode);
        Assert.Contains("run the same command again", error, StringComparison.Ordinal);
    }
}
