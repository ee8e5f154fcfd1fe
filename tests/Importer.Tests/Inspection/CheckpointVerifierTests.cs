using Importer.Conversion;
using Importer.Inspection;
using Importer.Inspection.Verification;
using SafeTensorSharp;
using Tests.Shared;
using static Importer.Inspection.Verification.VerificationProblemKind;
using static Importer.Tests.Inspection.StoredModel;

namespace Importer.Tests.Inspection;

public sealed class CheckpointVerifierTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private async Task<string> Import(string fixture = "tiny-gpt2")
    {
        await WeightImporter.ImportAsync(Repository.Fixture(fixture), _directory.Path, new() { Name = "imported" });
        return _directory["imported"];
    }

    private static Task<CheckpointVerification> Verify(string path, bool values = false) => CheckpointVerifier.VerifyAsync(path, new() { Values = values });

    private static (VerificationProblemKind, string?) Only(CheckpointVerification verification)
    {
        var problem = Assert.Single(verification.Problems);
        Assert.DoesNotContain('\n', problem.Message);
        return (problem.Kind, problem.File);
    }

    [Theory]
    [InlineData("tiny-gpt2", 0)]
    [InlineData("tiny-gpt2-sharded", 0)]
    [InlineData("tiny-gpt2-bin", 1)]
    [InlineData("tiny-gpt2-bin-legacy", 0)]
    [InlineData("tiny-gpt2-sharded-bin", 1)]
    [InlineData("nanogpt-ckpt", 1)]
    [InlineData("tiny-llama-sharded-f16", 0)]
    [InlineData("misaligned-gpt2", 0)]
    public async Task A_good_checkpoint_has_no_problems(string fixture, int hashes)
    {
        var verification = await Verify(Repository.Fixture(fixture), values: true);

        Assert.Empty(verification.Problems);
        Assert.Equal((VerifiedKind.Checkpoint, hashes > 0), (verification.Kind, verification.BytesHashed > 0));
        Assert.True(verification.Tensors > 0);
    }

    [Fact]
    public async Task A_boolean_that_is_neither_0_nor_1_is_told_and_the_other_values_are_looked_at()
    {
        string path = _directory.CopyFixture("tiny-gpt2");
        SafeTensorWriter.Write(Path.Combine(path, "model.safetensors"),
        [
            SafeTensorEntry.FromBytes("flags", DType.Bool, [3], new byte[] { 0, 2, 1 }),
            SafeTensorEntry.FromBytes("rest", DType.F32, [1], BitConverter.GetBytes(float.NaN)),
        ]);

        var verification = await Verify(path, values: true);

        Assert.Contains(verification.Problems, problem => problem.Kind == Format && problem.Message.Contains("\"flags\"", StringComparison.Ordinal));
        Assert.Contains(verification.Problems, problem => problem.Kind == Values && problem.Message.Contains("rest", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_weights_file_alone_is_verified_with_what_is_beside_it()
    {
        var verification = await Verify(Path.Combine(Repository.Fixture("tiny-gpt2"), "model.safetensors"));

        Assert.Empty(verification.Problems);
        Assert.Equal(2, verification.Files);
    }

    [Fact]
    public async Task An_import_is_verified_against_its_manifest()
    {
        string path = await Import();

        var verification = await Verify(path);

        Assert.Equal((VerifiedKind.Import, 0, 40), (verification.Kind, verification.Problems.Count, verification.Tensors));
        Assert.Equal(new DirectoryInfo(path).GetFiles().Where(file => file.Name != "manifest.json").Sum(file => file.Length), verification.BytesHashed);
    }

    [Fact]
    public async Task A_changed_byte_of_an_import_is_found()
    {
        string path = await Import(), weights = Path.Combine(path, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);

        Assert.Equal((Content, "model.safetensors"), Only(await Verify(path)));
    }

    [Fact]
    public async Task Missing_and_shortened_files_of_an_import_are_found_all_at_once()
    {
        string path = await Import();
        File.Delete(Path.Combine(path, "config.json"));
        File.AppendAllText(Path.Combine(path, "model.safetensors"), "x");

        var problems = (await Verify(path)).Problems;

        Assert.Contains(problems, problem => problem is { Kind: Missing, File: "config.json" });
        Assert.Contains(problems, problem => problem is { Kind: Size, File: "model.safetensors" });
        Assert.Contains(problems, problem => problem is { Kind: Format, File: "model.safetensors" });
    }

    [Fact]
    public async Task An_import_without_or_with_a_broken_manifest_is_found()
    {
        string path = await Import(), manifest = Path.Combine(path, "manifest.json");
        File.WriteAllText(manifest, "{}");
        var broken = await Verify(path);
        File.Delete(manifest);
        var missing = await Verify(path);

        Assert.Equal((Format, "manifest.json"), Only(broken));
        Assert.Equal((Missing, "manifest.json"), Only(missing));
        Assert.Equal(VerifiedKind.Import, missing.Kind);
    }

    [Fact]
    public async Task What_no_import_made_is_noted()
    {
        string path = await Import();
        File.WriteAllText(Path.Combine(path, "notes.txt"), "mine");

        var verification = await Verify(path);

        Assert.True(verification.IsIntact);
        Assert.Contains("notes.txt", Assert.Single(verification.Notes), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_snapshot_is_verified_against_the_names_of_its_blobs()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right there");
        string snapshot = _directory["models--a--b", "snapshots", "c"], blobs = _directory["models--a--b", "blobs"];
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(blobs);
        foreach (string file in Directory.GetFiles(Repository.Fixture("tiny-gpt2")))
        {
            byte[] bytes = File.ReadAllBytes(file);
            string hash = file.EndsWith(".safetensors", StringComparison.Ordinal)
                ? Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))
                : new HuggingFace.Hub.FakeHub.FakeFile("x", bytes, isLfs: false).GitHash;
            File.WriteAllBytes(Path.Combine(blobs, hash), bytes);
            File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(file)), Path.Combine("..", "..", "blobs", hash));
        }

        var good = await Verify(snapshot);
        string config = Path.Combine(blobs, Path.GetFileName(new FileInfo(Path.Combine(snapshot, "config.json")).LinkTarget!));
        File.AppendAllText(config, " ");
        var bad = await Verify(snapshot);

        Assert.Equal((VerifiedKind.Snapshot, 0), (good.Kind, good.Problems.Count));
        Assert.Equal((Content, "config.json"), Only(bad));
    }

    [Fact]
    public async Task Every_problem_of_a_set_of_shards_is_told()
    {
        string copy = _directory.CopyFixture("tiny-gpt2-sharded");
        File.Delete(Path.Combine(copy, "model-00002-of-00003.safetensors"));
        string third = Path.Combine(copy, "model-00003-of-00003.safetensors");
        File.WriteAllBytes(third, File.ReadAllBytes(third)[..^5]);
        string index = Path.Combine(copy, "model.safetensors.index.json");
        File.WriteAllText(index, File.ReadAllText(index).Replace("transformer.wte.weight", "transformer.other.weight", StringComparison.Ordinal));

        var verification = await Verify(copy);

        Assert.Equal(
            [(Missing, "model-00002-of-00003.safetensors"), (Format, "model-00003-of-00003.safetensors"), (Inconsistent, "model.safetensors.index.json")],
            verification.Problems.Select(problem => (problem.Kind, problem.File)).Distinct());
    }

    [Fact]
    public async Task A_damaged_record_of_a_pickle_is_found_by_its_checksum()
    {
        string copy = _directory.CopyFixture("tiny-gpt2-bin"), path = Path.Combine(copy, "pytorch_model.bin");
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);

        Assert.Equal((Content, "pytorch_model.bin"), Only(await Verify(copy)));
    }

    [Fact]
    public async Task Weights_that_do_not_fit_have_a_problem_for_each_misfit()
    {
        string path = Change(_directory, "tiny-gpt2", "odd", t => t.Name == "ln_f.bias" ? null : t, new Stored("surprise", DType.F32, [1], new byte[4]));

        var verification = await Verify(path);

        Assert.Equal([Mismatch, Mismatch], verification.Problems.Select(problem => problem.Kind));
    }

    [Fact]
    public async Task A_tied_head_with_other_content_is_found()
    {
        string path = Change(_directory, "tiny-gpt2", "tied", t => t, new Stored("lm_head.weight", DType.F32, [211, 48], new byte[4 * 211 * 48]));

        Assert.Equal(Mismatch, Only(await Verify(path)).Item1);
    }

    [Fact]
    public async Task Values_that_are_no_numbers_are_problems_when_asked_for()
    {
        string path = Change(_directory, "tiny-gpt2", "nan", t =>
        {
            if (t.Name == "ln_f.weight")
            {
                BitConverter.TryWriteBytes(t.Data.AsSpan(8), float.NaN);
                BitConverter.TryWriteBytes(t.Data.AsSpan(12), float.NegativeInfinity);
            }

            return t;
        });

        var without = await Verify(path);
        var with = await Verify(path, values: true);

        Assert.True(without.IsIntact);
        Assert.Equal((Values, "model.safetensors"), Only(with));
        Assert.Contains("'ln_f.weight' has 1 NaN and 1 infinite of 48", with.Problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mask_with_another_content_is_found_when_values_are_asked_for()
    {
        string path = Change(_directory, "tiny-gpt2", "mask", t =>
        {
            if (t.Name == "h.1.attn.bias")
            {
                t.Data[0] ^= 1;
            }

            return t;
        });

        Assert.True((await Verify(path)).IsIntact);
        Assert.Equal(Mismatch, Only(await Verify(path, values: true)).Item1);
    }

    [Theory]
    [InlineData("config.json", "{", Format)]
    [InlineData("config.json", null, Missing)]
    [InlineData("model.safetensors", "version https://git-lfs.github.com/spec/v1\n", Format)]
    [InlineData("model.safetensors", "<html></html>", Format)]
    [InlineData("model.safetensors", "", Format)]
    public async Task A_broken_file_is_one_problem(string name, string? content, VerificationProblemKind kind)
    {
        string copy = _directory.CopyFixture("tiny-gpt2"), path = Path.Combine(copy, name);
        File.Delete(path);
        if (content is not null)
        {
            File.WriteAllText(path, content);
        }

        Assert.Equal((kind, name), Only(await Verify(copy)));
    }

    [Theory]
    [InlineData("{ \"weight_map\": { \"a\": \"../b.safetensors\" } }")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_broken_index_is_told(string content)
    {
        string copy = _directory.CopyFixture("tiny-gpt2-sharded");
        File.WriteAllText(Path.Combine(copy, "model.safetensors.index.json"), content);

        Assert.All((await Verify(copy)).Problems, problem => Assert.Equal((Format, "model.safetensors.index.json"), (problem.Kind, problem.File)));
        Assert.False((await Verify(copy)).IsIntact);
    }

    [Fact]
    public async Task No_weights_and_no_directory_are_told_apart()
    {
        var empty = await Verify(_directory.Path);

        Assert.Equal([Missing, Missing], empty.Problems.Select(problem => problem.Kind));
        await Assert.ThrowsAsync<ModelNotFoundException>(() => Verify(_directory["none"]));
        var id = await Assert.ThrowsAsync<ModelNotFoundException>(() => Verify("openai-community/gpt2"));
        Assert.Contains("cache verify openai-community/gpt2", id.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_table_of_ones_own_is_no_fault_of_the_checkpoint()
    {
        File.WriteAllText(_directory["own.json"], "{}");

        await Assert.ThrowsAsync<Importer.Mapping.MappingTableException>(
            () => CheckpointVerifier.VerifyAsync(Repository.Fixture("tiny-gpt2"), new() { MappingFile = _directory["own.json"] }));
    }

    [Fact]
    public async Task Cancelling_ends_the_hashing()
    {
        string path = await Import();
        using var cancelled = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => CheckpointVerifier.VerifyAsync(path, new() { Progress = new Listener(_ => cancelled.Cancel()) }, cancelled.Token));
    }

    private sealed class Listener(Action<InspectionProgress> action) : IProgress<InspectionProgress>
    {
        public void Report(InspectionProgress value) => action(value);
    }
}
