using System.Diagnostics;
using System.Text.Json.Nodes;
using Tests.Shared;

namespace Importer.Cli.Tests;

public sealed class PrepareCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Prepares_characters_and_says_what_there_is()
    {
        File.WriteAllText(_directory["my.txt"], string.Concat(Enumerable.Repeat("to be or not to be\n", 100)));
        var outcome = await CommandLine.RunAsync("prepare", _directory["my.txt"], "--out", _directory["data"], "--tokenizer", "char");
        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.Contains("prepared: ", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("train     1,710 tokens", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("val       190 tokens", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("char, 8 ids, uint16", outcome.Out, StringComparison.Ordinal);

        outcome = await CommandLine.RunAsync("prepare", _directory["my.txt"], "-o", _directory["data"], "-t", "char", "--json");
        var json = JsonNode.Parse(outcome.Out)!;
        Assert.Equal(("up to date", 1710, 8, 64), ((string)json["outcome"]!, (int)json["train"]!["tokens"]!, (int)json["vocab_size"]!, ((string)json["source"]!["sha256"]!).Length));
    }

    [Fact]
    public async Task Prepares_json_lines_with_a_models_tokenizer()
    {
        File.WriteAllText(_directory["my.jsonl"], "{\"story\":\"one two\"}\n{\"story\":\"three\"}\n");
        var outcome = await CommandLine.RunAsync(
            "prepare", _directory["my.jsonl"], "--out", _directory["data"], "--tokenizer", Repository.Fixture("tokenizer-gpt2"), "--field", "story", "--val-fraction=0", "--json", "--quiet");
        var json = JsonNode.Parse(outcome.Out)!;
        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.Equal((2, 50256, 0), ((int)json["source"]!["documents"]!, (int)json["tokenizer"]!["eos"]!, (int)json["val"]!["tokens"]!));
        Assert.True(File.Exists(_directory["data", "merges.txt"]));
        Assert.Empty(outcome.Error);
    }

    [Theory]
    [InlineData("none.txt", "char", ExitCode.NotFound, "not_found")]
    [InlineData("bad.txt", "char", ExitCode.Integrity, "integrity")]
    [InlineData("good.txt", "./no-such-directory", ExitCode.NotFound, "not_found")]
    public async Task An_error_is_one_line_with_its_kind(string source, string tokenizer, int code, string kind)
    {
        File.WriteAllBytes(_directory["bad.txt"], [(byte)'a', 0xff]);
        File.WriteAllText(_directory["good.txt"], "some text");
        var outcome = await CommandLine.RunAsync("prepare", _directory[source], "--out", _directory["data"], "--tokenizer", tokenizer, "--json");
        Assert.Equal(code, outcome.Code);
        Assert.Equal(kind, (string)JsonNode.Parse(outcome.Out)!["error"]!["kind"]!);
        Assert.StartsWith("error: ", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_directory["data"]));
    }

    [Fact]
    public async Task Another_directory_is_left_alone()
    {
        File.WriteAllText(_directory["good.txt"], "some text to prepare");
        Directory.CreateDirectory(_directory["data"]);
        File.WriteAllText(_directory["data", "thesis.doc"], "precious");
        var outcome = await CommandLine.RunAsync("prepare", _directory["good.txt"], "--out", _directory["data"], "-t", "char", "--force", "--json");
        Assert.Equal(ExitCode.Integrity, outcome.Code);
        Assert.Equal("differs", (string)JsonNode.Parse(outcome.Out)!["error"]!["kind"]!);
        Assert.Contains("thesis.doc, which no preparation wrote", outcome.Error, StringComparison.Ordinal);
        Assert.Equal([_directory["data", "thesis.doc"]], Directory.GetFileSystemEntries(_directory["data"]));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("-0.1")]
    [InlineData("half")]
    public async Task A_part_that_is_none_is_refused(string part)
    {
        var outcome = await CommandLine.RunAsync("prepare", "x", "--out", "y", $"--val-fraction={part}");
        Assert.Equal(ExitCode.Usage, outcome.Code);
        Assert.Contains("give a number from 0 to below 1", outcome.Error, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("-INT")]
    [InlineData("-TERM")]
    public async Task A_signal_stops_it_cleanly(string signal)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals");

        // A sparse file: as long as need be, and every byte of it is text.
        using (var text = File.Create(_directory["my.txt"]))
        {
            text.SetLength(4L << 30);
        }

        using var process = CommandLine.Start("prepare", _directory["my.txt"], "--out", _directory["out", "data"], "--tokenizer", "char");
        while (!process.HasExited && !Reads(process, _directory["my.txt"]))
        {
            await Task.Delay(20);
        }

        using (var kill = Process.Start("kill", [signal, $"{process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(ExitCode.Cancelled, process.ExitCode);
        Assert.Contains("run the same command again", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_directory["out", "data"]));
    }

    [SkippableTheory]
    [InlineData("char", 3)] // known before
    [InlineData("bpe", 5)] // found out on the way
    public async Task A_full_disk_leaves_nothing(string tokenizer, int size)
    {
        // 8 MB or more of tokens.
        File.WriteAllText(_directory["my.txt"], string.Concat(Enumerable.Repeat("a b c d ", 1_000_000)));
        Directory.CreateDirectory(_directory["small"]);
        var outcome = await Sandbox.RunMountedAsync(
            $"mount -t tmpfs -o size={size}m none $1/small", _directory.Path, "prepare", _directory["my.txt"], "--out", _directory["small", "data"],
            "--tokenizer", tokenizer == "char" ? tokenizer : Repository.Fixture("tokenizer-gpt2"), "--json");
        Assert.Equal(ExitCode.Failure, outcome.Code);
        Assert.Equal("disk_full", (string)JsonNode.Parse(outcome.Out)!["error"]!["kind"]!);
        Assert.Contains(tokenizer == "char" ? "are free" : "are needed in all", outcome.Error, StringComparison.Ordinal);
    }

    private static bool Reads(Process process, string path)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{process.Id}/fd").Any(descriptor => new FileInfo(descriptor).LinkTarget == path);
        }
        catch (IOException)
        {
            return false; // a descriptor or the process went away meanwhile
        }
    }
}
