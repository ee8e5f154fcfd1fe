using System.Text;
using System.Text.Json.Nodes;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Cli.Tests;

/// <summary>Whatever is wrong: one line that says what and what to do, the right code, nothing half-written, the old result intact.</summary>
public sealed class BrokenInputTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _source;

    public BrokenInputTests() => _source = _directory.CopyFixture("tiny-gpt2");

    private string Weights => Path.Combine(_source, "model.safetensors");

    private string Config => Path.Combine(_source, "config.json");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public Task A_truncated_file() => Fails(ExitCode.Integrity, () => Cut(Weights, 1000), "model.safetensors", "1,000");

    [Fact]
    public Task An_empty_file() => Fails(ExitCode.Integrity, () => File.WriteAllBytes(Weights, []), "model.safetensors");

    [Fact]
    public Task A_git_lfs_pointer() => Fails(
        ExitCode.Integrity,
        () => File.WriteAllText(Weights, "version https://git-lfs.github.com/spec/v1\noid sha256:248dfc39\nsize 548105171\n"),
        "Git LFS");

    [Fact]
    public Task An_html_page() => Fails(
        ExitCode.Integrity, () => File.WriteAllText(Weights, "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"), "HTML");

    [Fact]
    public Task A_pickle_under_the_wrong_name() => Fails(
        ExitCode.Integrity, () => File.WriteAllBytes(Weights, [0x50, 0x4B, 3, 4, .. new byte[200]]), "zip");

    [Fact]
    public Task A_tensor_of_the_wrong_shape() => Fails(
        ExitCode.Integrity, () => Rewrite(t => t with { Shape = t.Name == "h.1.mlp.c_fc.weight" ? [192, 48] : t.Shape }), "h.1.mlp.c_fc.weight", "192");

    [Fact]
    public Task A_missing_tensor() => Fails(
        ExitCode.Integrity, () => Rewrite(t => t.Name == "h.2.ln_2.weight" ? null : t), "h.2.ln_2.weight");

    [Fact]
    public Task An_extra_tensor() => Fails(
        ExitCode.Integrity, () => Rewrite(t => t, new Stored("h.0.attn.surprise", [1], new byte[4])), "h.0.attn.surprise");

    [Fact]
    public Task A_misspelt_tensor() => Fails(
        ExitCode.Integrity,
        () => Rewrite(t => t with { Name = t.Name.Replace("h.0.ln_1.weight", "h.0.ln_1.wieght", StringComparison.Ordinal) }),
        "h.0.ln_1.weight", "h.0.ln_1.wieght");

    [Fact]
    public Task An_unknown_activation() => Fails(
        ExitCode.Integrity, () => EditConfig(config => config["activation_function"] = "gelu_quick"), "activation_function", "gelu_quick", "gelu_new");

    [Fact]
    public Task Another_family() => Fails(ExitCode.Integrity, () => EditConfig(config => config["model_type"] = "llama"), "llama");

    [Fact]
    public Task A_config_with_fewer_layers_than_the_weights() => Fails(
        ExitCode.Integrity, () => EditConfig(config => config["n_layer"] = 2), "n_layer");

    [Fact]
    public Task A_config_with_more_layers_than_the_weights() => Fails(
        ExitCode.Integrity, () => EditConfig(config => config["n_layer"] = 4), "n_layer");

    [Fact]
    public Task A_config_of_another_width() => Fails(
        ExitCode.Integrity, () => EditConfig(config => config["n_embd"] = 64), "n_embd");

    [Fact]
    public Task A_config_that_asks_for_a_billion_layers() => Fails(
        ExitCode.Integrity, () => EditConfig(config => config["n_layer"] = 1_000_000_000), "n_layer");

    [Fact]
    public Task A_config_that_is_no_json() => Fails(ExitCode.Integrity, () => File.WriteAllText(Config, "{ \"n_layer\": "), "config.json");

    [Fact]
    public Task A_config_that_is_no_object() => Fails(ExitCode.Integrity, () => File.WriteAllText(Config, "[]"), "config.json", "object");

    [Fact]
    public Task A_config_that_is_an_html_page() => Fails(ExitCode.Integrity, () => File.WriteAllText(Config, "<html>404</html>"), "HTML");

    [Fact]
    public Task No_config() => Fails(ExitCode.NotFound, () => File.Delete(Config), "config.json");

    [Fact]
    public Task No_weights() => Fails(ExitCode.NotFound, () => File.Delete(Weights), "model.safetensors");

    [Fact]
    public Task Only_a_checkpoint_that_is_none() => Fails(
        ExitCode.Integrity, () => File.Move(Weights, Path.Combine(_source, "pytorch_model.bin")), "pytorch_model.bin", "safetensors");

    [Fact]
    public Task A_checkpoint_that_would_run_a_command() => Fails(
        ExitCode.Integrity,
        () =>
        {
            File.Delete(Weights);
            byte[] magic = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, (byte)'.', 0x80, 2];
            File.WriteAllBytes(Path.Combine(_source, "pytorch_model.bin"), [.. magic, .. "cos\nsystem\nX\u0004\0\0\0echo\u0085R."u8]);
        },
        "os.system", "Nothing in it was run");

    [Fact]
    public Task No_such_directory() => Fails(ExitCode.NotFound, () => Directory.Delete(_source, recursive: true), "tiny-gpt2");

    [Fact]
    public Task A_head_that_should_be_tied_and_is_not_equal() => Fails(
        ExitCode.Integrity,
        () => Rewrite(t => t, new Stored("lm_head.weight", [211, 48], [.. Read("wte.weight").Select((b, i) => i == 40_000 ? (byte)(b ^ 1) : b)])),
        "lm_head.weight", "40000", "tie_word_embeddings");

    [Fact]
    public async Task A_head_that_is_tied_and_equal_is_taken()
    {
        Rewrite(t => t, new Stored("lm_head.weight", [211, 48], Read("wte.weight")));

        var outcome = await Import();

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.Contains("lm_head.weight is transformer.wte.weight", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_from_a_file_cannot_control_the_terminal()
    {
        Rewrite(t => t, new Stored("evil\u001b[2J\nerror: nothing", [1], new byte[4]));

        var outcome = await Import();

        Assert.Equal(ExitCode.Integrity, outcome.Code);
        Assert.DoesNotContain('\u001b', outcome.Error);
        Assert.Contains("\\u001", outcome.ErrorLine, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("config.json", "pipe")]
    [InlineData("config.json", "/dev/zero")]
    [InlineData("config.json", "directory")]
    [InlineData("model.safetensors", "pipe")]
    [InlineData("model.safetensors", "/dev/zero")]
    [InlineData("model.safetensors", "directory")]
    [InlineData("tokenizer.json", "pipe")]
    [InlineData("tokenizer.json", "/dev/zero")]
    [InlineData("vocab.json", "directory")]
    public async Task What_is_no_file_is_not_waited_for(string name, string what)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        string path = Path.Combine(_source, name);
        File.Delete(path);
        switch (what)
        {
            case "pipe":
                using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [path]))
                {
                    await mkfifo.WaitForExitAsync();
                }

                break;
            case "directory":
                Directory.CreateDirectory(path);
                break;
            default:
                File.CreateSymbolicLink(path, what);
                break;
        }

        var outcome = await Import().WaitAsync(TimeSpan.FromSeconds(60)); // where it is opened it never ends

        Assert.Equal(ExitCode.Integrity, outcome.Code);
        Assert.Contains(name, outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_cannot_control_the_terminal_either()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string odd = _directory["a\u001b[2J\u202e\nb"], target = Path.Combine(odd, "tiny-gpt2");
        Directory.CreateDirectory(odd);
        var good = await CommandLine.RunAsync(_source, "--out", odd);
        var json = await CommandLine.RunAsync(_source, "--out", odd, "--json");
        var plan = await CommandLine.RunAsync(_source, "--out", odd, "--dry-run");
        var planJson = await CommandLine.RunAsync(_source, "--out", odd, "--dry-run", "--json");
        var taken = await CommandLine.RunAsync(_source, "--out", odd, "--dtype", "f16", "--json");
        var missing = await CommandLine.RunAsync(Path.Combine(odd, "nothing"), "--out", odd);
        var broken = await CommandLine.RunAsync(_source, "--out", Path.Combine(target, "config.json"), "--debug");

        Assert.Equal([0, 0, 0, 0, 5, 3, 1], new[] { good, json, plan, planJson, taken, missing, broken }.Select(outcome => outcome.Code));
        Assert.All(
            new[] { good, json, plan, planJson, taken, missing, broken }.SelectMany(outcome => outcome.Out + outcome.Error),
            c => Assert.True(c is '\n' or '\r' || !char.IsControl(c) && c != '\u202e', $"{(int)c:x4}"));
        Assert.Contains("a\\u001b[2J\\u202e\\u000ab", good.Out.Split('\n')[0], StringComparison.Ordinal);
        Assert.Equal(target, (string?)JsonNode.Parse(json.Out)!["directory"]);
        Assert.Contains("\\u001b", taken.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("\\u001b", missing.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shard_that_is_missing()
    {
        string sharded = _directory.CopyFixture("tiny-gpt2-sharded");
        File.Delete(Path.Combine(sharded, "model-00002-of-00003.safetensors"));

        var outcome = await CommandLine.RunAsync(sharded, "--out", _directory["weights"]);

        Assert.Equal(ExitCode.Integrity, outcome.Code);
        Assert.Contains("model-00002-of-00003.safetensors", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    public async Task An_index_that_points_outside(string file)
    {
        string sharded = _directory.CopyFixture("tiny-gpt2-sharded");
        string index = Path.Combine(sharded, "model.safetensors.index.json");
        File.WriteAllText(index, File.ReadAllText(index).Replace("model-00002-of-00003.safetensors", file, StringComparison.Ordinal));

        var outcome = await CommandLine.RunAsync(sharded, "--out", _directory["weights"]);

        Assert.Equal(ExitCode.Integrity, outcome.Code);
        Assert.Contains("passwd", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_output_directory_that_is_a_file()
    {
        File.WriteAllText(_directory["weights"], "a file");

        var outcome = await Import();

        Assert.Equal(ExitCode.Failure, outcome.Code);
        Assert.Contains("weights", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("is a file where a directory is needed", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Equal("a file", File.ReadAllText(_directory["weights"]));
    }

    [SkippableTheory]
    [InlineData("tiny-gpt2", UnixFileMode.None, "tiny-gpt2")]
    [InlineData("tiny-gpt2", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, "config.json")]
    [InlineData("tiny-gpt2/config.json", UnixFileMode.None, "config.json")]
    [InlineData("tiny-gpt2/model.safetensors", UnixFileMode.None, "model.safetensors")]
    [InlineData("weights", UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute, "weights")]
    [InlineData("weights", UnixFileMode.None, "weights")]
    public async Task What_may_not_be_read_or_written_to_is_said_so(string name, UnixFileMode mode, string mention)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "permissions");
        if (!OperatingSystem.IsLinux())
        {
            return; // what the line above says, for the compiler
        }

        const UnixFileMode everybody = (UnixFileMode)511;
        File.SetUnixFileMode(_directory.Path, everybody);
        Directory.CreateDirectory(_directory["weights"]);
        File.SetUnixFileMode(_directory["weights"], everybody);
        string path = _directory[name.Split('/')];
        File.SetUnixFileMode(path, mode);

        var outcome = await Sandbox.RunUnprivilegedAsync(_source, "--out", _directory["weights"]);

        File.SetUnixFileMode(path, everybody);
        Assert.Equal((ExitCode.NotFound, ""), (outcome.Code, outcome.Out));
        Assert.Contains("permission", outcome.ErrorLine, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(mention, outcome.ErrorLine, StringComparison.Ordinal);
    }

    private Task<Outcome> Import() => CommandLine.RunAsync(_source, "--out", _directory["weights"]);

    /// <summary>The same import with and without an earlier result at its place.</summary>
    private async Task Fails(int code, Action breakIt, params string[] mentions)
    {
        var first = await Import();
        Assert.Equal((ExitCode.Success, ""), (first.Code, first.Error));
        string target = _directory["weights", "tiny-gpt2"];
        var before = Directory.GetFiles(target).Order().Select(path => (path, Convert.ToBase64String(File.ReadAllBytes(path)))).ToList();
        breakIt();

        foreach (string output in new[] { _directory["weights"], _directory["fresh"] })
        {
            var outcome = await CommandLine.RunAsync(_source, "--out", output);

            Assert.Equal((code, ""), (outcome.Code, outcome.Out));
            Assert.StartsWith("error: ", outcome.ErrorLine, StringComparison.Ordinal);
            foreach (string mention in mentions)
            {
                Assert.Contains(mention, outcome.ErrorLine, StringComparison.Ordinal);
            }
        }

        Assert.Equal(before, Directory.GetFiles(target).Order().Select(path => (path, Convert.ToBase64String(File.ReadAllBytes(path)))));
        Assert.Equal([target], Directory.GetFileSystemEntries(_directory["weights"]));
        Assert.True(!Directory.Exists(_directory["fresh"]) || Directory.GetFileSystemEntries(_directory["fresh"]).Length == 0);
    }

    private static void Cut(string path, int bytes)
    {
        using var stream = new FileStream(path, FileMode.Open);
        stream.SetLength(stream.Length - bytes);
    }

    private void EditConfig(Action<JsonObject> edit)
    {
        var config = JsonNode.Parse(File.ReadAllText(Config))!.AsObject();
        edit(config);
        File.WriteAllText(Config, config.ToJsonString(), new UTF8Encoding(false));
    }

    private byte[] Read(string name)
    {
        using var file = SafeTensorFile.Open(Weights);
        return file.ReadBytes(name);
    }

    private void Rewrite(Func<Stored, Stored?> change, params Stored[] added)
    {
        List<Stored> tensors;
        using (var file = SafeTensorFile.Open(Weights))
        {
            tensors = [.. file.Header.Tensors.Select(info => change(new Stored(info.Name, [.. info.Shape], file.ReadBytes(info.Name)))).OfType<Stored>(), .. added];
        }

        SafeTensorWriter.Write(Weights, tensors.Select(t => SafeTensorEntry.FromBytes(t.Name, DType.F32, t.Shape, t.Data)));
    }

    private sealed record Stored(string Name, long[] Shape, byte[] Data);
}
