using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Tests.Shared;

namespace Importer.Cli.Tests.Inspection;

/// <summary>Whatever is wrong with a checkpoint: each command says it in one line, with the right code.</summary>
public sealed class BrokenCheckpointTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    // What is broken, in which fixture, and what the line mentions.
    public static TheoryData<string, string, string> Cases() => new()
    {
        { "truncated", "tiny-gpt2", "short" },
        { "trailing", "tiny-gpt2", "follow the last tensor" },
        { "empty", "tiny-gpt2", "fewer than the 8" },
        { "lfs", "tiny-gpt2", "Git LFS" },
        { "html", "tiny-gpt2", "HTML" },
        { "overlap", "tiny-gpt2", "overlap" },
        { "huge-header", "tiny-gpt2", "header" },
        { "cut-header", "tiny-gpt2", "header" },
        { "missing-shard", "tiny-gpt2-sharded", "model-00002-of-00003.safetensors" },
        { "wrong-index", "tiny-gpt2-sharded", "transformer.other.weight" },
        { "index-outside", "tiny-gpt2-sharded", "passwd" },
        { "pickle-cut", "tiny-gpt2-bin", "pytorch_model.bin" },
        { "pickle-lfs", "tiny-gpt2-bin", "Git LFS" },
        { "pickle-shard", "tiny-gpt2-sharded-bin", "pytorch_model-00002-of-00002.bin" },
        { "config", "tiny-gpt2", "config.json" },
        { "config-html", "tiny-gpt2", "HTML" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Inspect_says_it_in_one_line(string what, string fixture, string mention)
    {
        var outcome = await CommandLine.RunAsync("inspect", Break(what, fixture));

        Assert.Equal((ExitCode.Integrity, ""), (outcome.Code, outcome.Out));
        Assert.Contains(mention, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.StartsWith("error: ", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Diff_says_it_in_one_line(string what, string fixture, string mention)
    {
        var outcome = await CommandLine.RunAsync("diff", Repository.Fixture(fixture), Break(what, fixture), "--json");

        Assert.Equal(ExitCode.Integrity, outcome.Code);
        Assert.Contains(mention, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(5, JsonDocument.Parse(outcome.Out).RootElement.GetProperty("error").GetProperty("exit_code").GetInt32());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Verify_has_a_line_for_it(string what, string fixture, string mention)
    {
        var outcome = await CommandLine.RunAsync("verify", Break(what, fixture));

        Assert.Equal((ExitCode.Integrity, ""), (outcome.Code, outcome.Error));
        string[] lines = outcome.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, line => line.Contains(mention, StringComparison.Ordinal) && !line.StartsWith("note:", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Matches("^(missing|size|content|format|inconsistent|mismatch|unreadable|note|checkpoint)[: ]", line));
    }

    private string Break(string what, string fixture)
    {
        string copy = _directory.CopyFixture(fixture);
        string weights = Path.Combine(copy, "model.safetensors"), pickle = Path.Combine(copy, "pytorch_model.bin"), config = Path.Combine(copy, "config.json");
        const string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:248dfc39\nsize 548105171\n";
        switch (what)
        {
            case "truncated":
                File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..^1000]);
                break;
            case "trailing":
                File.AppendAllText(weights, "x");
                break;
            case "empty":
                File.WriteAllBytes(weights, []);
                break;
            case "lfs":
                File.WriteAllText(weights, pointer);
                break;
            case "html":
                File.WriteAllText(weights, "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>");
                break;
            case "overlap":
                byte[] header = Encoding.UTF8.GetBytes(
                    """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""");
                byte[] length = new byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
                File.WriteAllBytes(weights, [.. length, .. header, .. new byte[12]]);
                break;
            case "huge-header":
                Patch(weights, bytes => BinaryPrimitives.WriteInt64LittleEndian(bytes, 1L << 50));
                break;
            case "cut-header":
                Patch(weights, bytes => BinaryPrimitives.WriteInt64LittleEndian(bytes, BinaryPrimitives.ReadInt64LittleEndian(bytes) - 5));
                break;
            case "missing-shard":
                File.Delete(Path.Combine(copy, "model-00002-of-00003.safetensors"));
                break;
            case "wrong-index":
                Edit(Path.Combine(copy, "model.safetensors.index.json"), "transformer.wte.weight", "transformer.other.weight");
                break;
            case "index-outside":
                Edit(Path.Combine(copy, "model.safetensors.index.json"), "model-00002-of-00003.safetensors", "../../etc/passwd");
                break;
            case "pickle-cut":
                File.WriteAllBytes(pickle, File.ReadAllBytes(pickle)[..^1000]);
                break;
            case "pickle-lfs":
                File.WriteAllText(pickle, pointer);
                break;
            case "pickle-shard":
                File.Delete(Path.Combine(copy, "pytorch_model-00002-of-00002.bin"));
                break;
            case "config":
                File.WriteAllText(config, "{ \"n_layer\": ");
                break;
            default:
                File.WriteAllText(config, "<html>404</html>");
                break;
        }

        return copy;
    }

    private static void Patch(string path, Action<byte[]> change)
    {
        byte[] bytes = File.ReadAllBytes(path);
        change(bytes);
        File.WriteAllBytes(path, bytes);
    }

    private static void Edit(string path, string text, string by) =>
        File.WriteAllText(path, File.ReadAllText(path).Replace(text, by, StringComparison.Ordinal));
}
