using System.Diagnostics;
using System.Text.Json;
using PyTorchCheckpoints;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Cli.Tests;

/// <summary><c>import-weights export SOURCE --to hf|nanogpt</c>.</summary>
public sealed class ExportCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("tiny-gpt2", "F32")]
    [InlineData("tiny-gpt2-sharded-bin", "F16")]
    [InlineData("tiny-llama", "F32")]
    [InlineData("tiny-qwen2-tied", "BF16")]
    [InlineData("tiny-gpt-neox-seq", "F16")]
    [InlineData("tiny-opt-350m-style", "F16")]
    public async Task What_was_imported_comes_out_byte_for_byte(string fixture, string dtype)
    {
        await CommandLine.RunAsync(Repository.Fixture(fixture), "--out", _directory["weights"]);

        var outcome = await Export(_directory["weights", fixture], "hf");

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.StartsWith($"exported: {_directory["out"]}", outcome.Out, StringComparison.Ordinal);
        Assert.Contains($"tensors, {dtype}", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("AutoModelForCausalLM.from_pretrained", outcome.Out, StringComparison.Ordinal);

        // Imported again it is the same file to the last byte: every parameter, and the header that names them.
        await CommandLine.RunAsync(_directory["out"], "--out", _directory["again"]);
        Assert.Equal(
            File.ReadAllBytes(_directory["weights", fixture, "model.safetensors"]), File.ReadAllBytes(_directory["again", "out", "model.safetensors"]));
    }

    [Fact]
    public async Task NanoGPTs_checkpoint_goes_to_transformers_and_back()
    {
        Assert.Equal(ExitCode.Success, (await Export(Repository.Fixture("nanogpt-ckpt/ckpt.pt"), "hf", "hf")).Code);
        var back = await Export(_directory["hf"], "nanogpt");

        Assert.Equal((ExitCode.Success, ""), (back.Code, back.Error));
        Assert.Contains($"python sample.py --init_from=resume --out_dir={_directory["out"]}", back.Out, StringComparison.Ordinal);
        using var original = PyTorchCheckpoint.Open(Repository.Fixture("nanogpt-ckpt/ckpt.pt"));
        using var written = PyTorchCheckpoint.Open(_directory["out", "ckpt.pt"]);
        foreach (var tensor in original.StateDict.Tensors.Where(tensor => !tensor.Name!.EndsWith(".attn.bias", StringComparison.Ordinal)))
        {
            byte[] expected = new byte[tensor.ByteCount], actual = new byte[tensor.ByteCount];
            original.Read(tensor, expected);
            written.Read(written.StateDict[tensor.Name!], actual);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public async Task The_plan_is_text_or_json_and_writes_nothing()
    {
        var text = await Export(Repository.Fixture("tiny-gpt2"), "nanogpt", "out", "--dry-run", "--masks", "--dtype", "bf16");
        var json = await Export(Repository.Fixture("tiny-gpt2"), "nanogpt", "out", "--dry-run", "--masks", "--dtype", "bf16", "--json");

        Assert.Equal((ExitCode.Success, ExitCode.Success), (text.Code, json.Code));
        foreach (string part in new[] { "format nanogpt", "transformer.h.*.attn.c_attn.weight", "F32 -> BF16 (lossy)", "(made)", "tril", "note     nanoGPT computes the exact GELU", "files    ckpt.pt", "write    " })
        {
            Assert.Contains(part, text.Out, StringComparison.Ordinal);
        }

        var plan = JsonDocument.Parse(json.Out).RootElement;
        Assert.Equal(("nanogpt", _directory["out"]), (plan.GetProperty("format").GetString(), plan.GetProperty("target").GetString()));
        Assert.Equal((40, 3), (plan.GetProperty("tensors").GetArrayLength(), plan.GetProperty("generated").GetArrayLength()));
        var row = plan.GetProperty("tensors").EnumerateArray().Single(row => row.GetProperty("name").GetString() == "transformer.wte.weight");
        Assert.Equal(("BF16", true, "transformer.wte.weight"), (row.GetProperty("dtype").GetString(), row.GetProperty("lossy").GetBoolean(), row.GetProperty("parameters")[0].GetProperty("name").GetString()));
        Assert.NotEmpty(plan.GetProperty("notes").EnumerateArray());
        Assert.False(Directory.Exists(_directory["out"]));
    }

    [Fact]
    public async Task The_result_is_one_json_document()
    {
        var outcome = await Export(Repository.Fixture("tiny-gpt2"), "hf", "out", "--json", "--max-shard-size", "0.1MB", "--dtype", "f16");

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        var json = JsonDocument.Parse(outcome.Out).RootElement;
        Assert.Equal(("exported", "hf", "gpt2", 40), (json.GetProperty("outcome").GetString(), json.GetProperty("format").GetString(), json.GetProperty("family").GetString(), json.GetProperty("tensors").GetInt32()));
        Assert.Equal("F16", json.GetProperty("dtypes")[0].GetString());
        string[] files = [.. json.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("name").GetString()!)];
        Assert.Equal(Directory.GetFiles(_directory["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal), files);
        Assert.Contains("model.safetensors.index.json", files);
        Assert.Contains("model-00001-of-00002.safetensors", files);
    }

    [Fact]
    public async Task Quiet_says_nothing()
    {
        var outcome = await Export(Repository.Fixture("tiny-gpt2"), "hf", "out", "--quiet");

        Assert.Equal(new Outcome(ExitCode.Success, "", ""), outcome);
    }

    [Fact]
    public async Task What_is_there_is_left_alone_until_forced()
    {
        await Export(Repository.Fixture("tiny-gpt2"), "hf");
        byte[] before = File.ReadAllBytes(_directory["out", "model.safetensors"]);

        var refused = await Export(Repository.Fixture("variant-relu"), "hf", "out", "--json");
        Assert.Equal(ExitCode.Integrity, refused.Code);
        Assert.Contains("--force", refused.ErrorLine, StringComparison.Ordinal);
        Assert.Equal("differs", JsonDocument.Parse(refused.Out).RootElement.GetProperty("error").GetProperty("kind").GetString());
        Assert.Equal(before, File.ReadAllBytes(_directory["out", "model.safetensors"]));

        var forced = await Export(Repository.Fixture("variant-relu"), "hf", "out", "--force");
        Assert.StartsWith("replaced: ", forced.Out, StringComparison.Ordinal);
        File.WriteAllText(_directory["out", "notes.txt"], "the only copy");
        Assert.Equal(ExitCode.Integrity, (await Export(Repository.Fixture("tiny-gpt2"), "hf", "out", "--force")).Code);
    }

    [Theory]
    [InlineData("tiny-llama", "nanogpt", "unsupported", ExitCode.Failure, "--to hf")]
    [InlineData("variant-untied", "nanogpt", "unsupported", ExitCode.Failure, "--to hf")]
    [InlineData("no-such-fixture", "hf", "not_found", ExitCode.NotFound, "Check the path")]
    [InlineData("tiny-gpt2/README.md", "hf", "unsupported", ExitCode.Failure, "README.md")]
    public async Task Failures_have_their_codes_and_say_what_to_do(string source, string format, string kind, int code, string remedy)
    {
        var outcome = await Export(Repository.Fixture(source), format, "out", "--json");

        Assert.Equal(code, outcome.Code);
        Assert.Contains(remedy, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(kind, JsonDocument.Parse(outcome.Out).RootElement.GetProperty("error").GetProperty("kind").GetString());
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public async Task Numbers_too_large_for_the_dtype_are_a_mismatch()
    {
        string source = _directory.CopyFixture("tiny-gpt2"), weights = Path.Combine(source, "model.safetensors");
        long place = SafeTensorHeader.Identify(weights)["wpe.weight"].FileOffset;
        using (var stream = File.OpenWrite(weights))
        {
            stream.Position = place;
            stream.Write(BitConverter.GetBytes(-123456f));
        }

        var outcome = await Export(source, "hf", "out", "--dtype", "f16", "--json");

        Assert.Equal(ExitCode.Integrity, outcome.Code);
        Assert.Contains("transformer.wpe.weight: 1, the largest 1.235E+05", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("BF16", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Equal("mismatch", JsonDocument.Parse(outcome.Out).RootElement.GetProperty("error").GetProperty("kind").GetString());
        Assert.False(Directory.Exists(_directory["out"]));
    }

    [Theory]
    [InlineData]
    [InlineData("--to", "onnx")]
    [InlineData("--to", "hf", "--dtype", "int8")]
    [InlineData("--to", "hf", "--max-shard-size", "0")]
    [InlineData("--to", "hf", "--max-shard-size", "-1GB")]
    [InlineData("--to", "hf", "--max-shard-size", "5XB")]
    [InlineData("--to", "hf", "--max-shard-size", "99999999999999999999TB")]
    [InlineData("--to", "hf", "--out", "a/ckpt.pt")]
    [InlineData("--to", "hf", "--out", "/")]
    public async Task Wrong_usage_is_said_with_code_2(params string[] args)
    {
        var outcome = await CommandLine.RunAsync(["export", Repository.Fixture("tiny-gpt2"), .. args]);

        Assert.Equal((ExitCode.Usage, ""), (outcome.Code, outcome.Out));
        Assert.StartsWith("error: ", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_says_what_it_does()
    {
        var outcome = await CommandLine.RunAsync("export", "--help");

        Assert.Equal(ExitCode.Success, outcome.Code);
        foreach (string text in new[] { "--to", "hf", "nanogpt", "--out", "--dtype", "--max-shard-size", "--masks", "--dry-run", "--force", "--json" })
        {
            Assert.Contains(text, outcome.Out, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task A_signal_stops_it_cleanly()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals");
        string source = LargeCheckpoint.Make(_directory);
        Directory.CreateDirectory(_directory["exports"]);
        using var process = CommandLine.Start("export", source, "--to", "hf", "--out", _directory["exports", "large"]);
        while (!IsStaging())
        {
            Assert.False(process.HasExited, "The export ended before it could be stopped.");
            await Task.Delay(1);
        }

        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(ExitCode.Cancelled, process.ExitCode);
        Assert.Contains("run the same command again", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_directory["exports"]));
    }

    [SkippableTheory]
    [InlineData("hf", "size=200k")]
    [InlineData("nanogpt", "size=200k")]
    [InlineData("hf", "size=10m,nr_inodes=4")]
    [InlineData("nanogpt", "size=10m,nr_inodes=3")]
    public async Task A_full_disk_is_said_and_nothing_is_left(string format, string disk)
    {
        Directory.CreateDirectory(_directory["disk"]);

        var outcome = await Sandbox.RunMountedAsync(
            $"mount -t tmpfs -o {disk} none \"$1\"", _directory["disk"], "export", Repository.Fixture("tiny-gpt2"), "--to", format, "--out", _directory["disk", "out"], "--json");

        Assert.Equal(ExitCode.Failure, outcome.Code);
        Assert.Contains("\"kind\": \"disk_full\"", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("too little room", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains(_directory["disk", "out"] + ":", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("mount -t tmpfs none \"$1\"", "a file system is mounted there", "--out ")]
    [InlineData("mount --bind \"$1\" \"$1\"", "is in use by the system", "Is something mounted there?")]
    [InlineData("cd \"$1\"", "it is the current directory", "run this from elsewhere")]
    public async Task A_place_that_cannot_be_replaced_is_said(string setUp, string finding, string remedy)
    {
        Directory.CreateDirectory(_directory["disk"]);

        var outcome = await Sandbox.RunMountedAsync(setUp, _directory["disk"], "export", Repository.Fixture("tiny-gpt2"), "--to", "hf", "--out", _directory["disk"]);

        Assert.NotEqual(ExitCode.Success, outcome.Code);
        Assert.Contains(_directory["disk"], outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains(finding, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains(remedy, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Equal([_directory["disk"]], Directory.GetFileSystemEntries(_directory.Path));
        Assert.Empty(Directory.GetFileSystemEntries(_directory["disk"]));
    }

    [SkippableFact]
    public async Task A_place_that_may_not_be_written_to_is_said()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "mounts and permissions");
        const string readOnly = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\"";
        Directory.CreateDirectory(_directory["disk"]);
        var mounted = await Sandbox.RunMountedAsync(readOnly, _directory["disk"], "export", Repository.Fixture("tiny-gpt2"), "--to", "hf", "--out", _directory["disk", "out"]);
        Assert.Equal((ExitCode.NotFound, ""), (mounted.Code, mounted.Out));
        Assert.Contains("read-only", mounted.ErrorLine, StringComparison.Ordinal);

        if (OperatingSystem.IsLinux())
        {
            const UnixFileMode everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            File.SetUnixFileMode(_directory.Path, everybody);
            File.SetUnixFileMode(_directory["disk"], everybody);
        }
        var outcome = await Sandbox.RunUnprivilegedAsync("export", Repository.Fixture("tiny-gpt2"), "--to", "hf", "--out", _directory["disk", "out"]);
        Assert.Equal((ExitCode.NotFound, ""), (outcome.Code, outcome.Out));
        Assert.Contains("permission", outcome.ErrorLine, StringComparison.OrdinalIgnoreCase);
    }

    private bool IsStaging() => Directory.GetFiles(_directory["exports"], "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        .Any(path => path.Contains(".importing-", StringComparison.Ordinal));

    private Task<Outcome> Export(string source, string format, string output = "out", params string[] more) =>
        CommandLine.RunAsync(["export", source, "--to", format, "--out", _directory[output], .. more]);
}
