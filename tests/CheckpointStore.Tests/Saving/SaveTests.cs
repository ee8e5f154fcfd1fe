using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CheckpointStorage.Tests.Saving;

public sealed class SaveTests : StoreTest
{
    [Fact]
    public async Task A_saved_checkpoint_is_found_listed_and_read_back()
    {
        await using var store = CheckpointStore.Open(Root);
        CheckpointSaveResult result = await store.SaveAsync(Sample.Content(2000, 3.5, epoch: 1.25) with { ParentId = "step-before" });
        CheckpointInfo found = Assert.Single(store.List());

        Assert.Equal(result.Checkpoint.Id, found.Id);
        Assert.Null(found.Problem);
        Assert.Equal((2000L, 3.5, 1.25, "step-before"), (found.Step, found.Metric, found.Epoch, found.ParentId));
        Assert.Equal(2_000_000, found.Metadata.GetProperty("tokens_seen").GetInt64());
        Assert.Equal(found.Id, (await store.FindNewestValidAsync()).Checkpoint!.Id);
        Assert.Equal(found.Id + "\n", await File.ReadAllTextAsync(this["latest"]));
        Assert.Equal(found.Id + "\n", await File.ReadAllTextAsync(this["best"]));
        Assert.True(result.IsBest);
        Assert.Equal(1, result.Attempts);
        Assert.Equal(found.TotalBytes, result.Bytes);
        Assert.Empty(result.Warnings);
        Assert.Empty(Leftovers());
        Sample.AssertIs(store, found);
    }

    [Fact]
    public async Task The_manifest_has_size_sha256_and_md5_of_every_file_and_its_own_hash_is_in_the_name()
    {
        await using var store = CheckpointStore.Open(Root);
        CheckpointInfo info = await store.SaveAsync(7);

        byte[] manifest = await File.ReadAllBytesAsync(Path.Combine(info.Directory, "manifest.json"));
        Assert.EndsWith("-" + Convert.ToHexStringLower(SHA256.HashData(manifest))[..12], info.Id, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(manifest);
        JsonElement[] files = [.. json.RootElement.GetProperty("files").EnumerateArray()];
        Assert.Equal(["model.safetensors", "trainer.json"], files.Select(file => file.GetProperty("name").GetString()));
        foreach (JsonElement file in files)
        {
            byte[] bytes = await File.ReadAllBytesAsync(info.GetPath(file.GetProperty("name").GetString()!));
            Assert.Equal(bytes.Length, file.GetProperty("size").GetInt64());
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), file.GetProperty("sha256").GetString());
            Assert.Equal(Convert.ToHexStringLower(MD5.HashData(bytes)), file.GetProperty("md5").GetString());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((1 << 20) - 1)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData((9 << 20) + 12345)]
    public async Task Files_of_every_length_are_hashed_as_they_are_written(int length)
    {
        byte[] bytes = Sample.Weights(1, length);
        await using var store = CheckpointStore.Open(Root);
        CheckpointSaveResult result = await store.SaveAsync(new CheckpointContent
        {
            Step = 1,
            Files = [CheckpointFile.From("data.bin", async (stream, token) =>
            {
                foreach (byte[] piece in bytes.Chunk(300_000))
                {
                    await stream.WriteAsync(piece, token);
                }
            })],
        });

        CheckpointFileInfo file = Assert.Single(result.Checkpoint.Files);
        Assert.Equal(
            (length, Convert.ToHexStringLower(SHA256.HashData(bytes)), Convert.ToHexStringLower(MD5.HashData(bytes))), (file.Length, file.Sha256, file.Md5));
        Assert.Equal(bytes, store.ReadAllBytes(result.Checkpoint, "data.bin"));
    }

    [Fact]
    public async Task A_callback_that_throws_leaves_nothing_and_its_exception_is_the_cause()
    {
        await using var store = CheckpointStore.Open(Root);
        CheckpointInfo before = await store.SaveAsync(1);
        var cause = new InvalidDataException("no such tensor");

        var error = await Assert.ThrowsAsync<CheckpointSaveException>(() => store.SaveAsync(
            Sample.Content(2) with { Files = [CheckpointFile.FromText("a", "a"), CheckpointFile.From("b", _ => throw cause)] }));

        Assert.Same(cause, error.InnerException);
        Assert.Equal((2L, SaveStage.Writing, "b", 1), (error.Step, error.Stage, error.File, error.Attempts));
        Assert.Equal([before.Id], store.List().Select(info => info.Id));
        Assert.Empty(Leftovers());
    }

    [Theory]
    [InlineData(SaveStage.Writing)]
    [InlineData(SaveStage.Publishing)]
    [InlineData(SaveStage.Verifying)]
    public async Task A_cancellation_at_any_stage_leaves_nothing_new(SaveStage stage)
    {
        await using var store = CheckpointStore.Open(Root);
        CheckpointInfo before = await store.SaveAsync(1);
        using var cancel = new CancellationTokenSource();
        var progress = new SynchronousProgress<CheckpointSaveProgress>(report =>
        {
            if (report.Stage == stage)
            {
                cancel.Cancel();
            }
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.SaveAsync(Sample.Content(2), progress, cancellationToken: cancel.Token));

        Assert.Equal([before.Id], store.List().Select(info => info.Id));
        Assert.Empty(Leftovers());
        Assert.Equal(before.Id, store.Resolve("latest").Id);
        Assert.Equal(3, (await store.SaveAsync(3)).Step);
    }

    [Fact]
    public async Task A_verifier_that_refuses_makes_it_try_once_more_and_then_fail()
    {
        int asked = 0;
        await using var store = CheckpointStore.Open(Root, new() { Verifier = (info, _) => info.Step == 1 ? Task.CompletedTask : throw new InvalidDataException($"no {++asked}") });
        CheckpointInfo before = await store.SaveAsync(1);

        var error = await Assert.ThrowsAsync<CheckpointSaveException>(() => store.SaveAsync(2));

        Assert.Equal((2, 2, SaveStage.Verifying), (asked, error.Attempts, error.Stage));
        var damaged = Assert.IsType<CheckpointDamagedException>(error.InnerException);
        Assert.Contains("no 2", Assert.Single(damaged.Problems).Description, StringComparison.Ordinal);
        Assert.Equal([before.Id], store.List().Select(info => info.Id));
        Assert.Empty(Leftovers());
    }

    [Fact]
    public async Task A_verifier_that_refuses_once_costs_a_second_attempt()
    {
        int asked = 0;
        await using var store = CheckpointStore.Open(Root, new() { Verifier = (_, _) => ++asked == 1 ? throw new InvalidDataException() : Task.CompletedTask });

        CheckpointSaveResult result = await store.SaveAsync(Sample.Content(1));

        Assert.Equal(2, result.Attempts);
        Sample.AssertIs(store, Assert.Single(store.List()));
        Assert.Empty(Leftovers());
    }

    [Fact]
    public async Task Saves_that_are_started_together_are_done_one_after_the_other()
    {
        await using var store = CheckpointStore.Open(Root, new() { Retention = new() { KeepLast = null } });
        await Task.WhenAll(Enumerable.Range(1, 8).Select(step => store.SaveAsync(Sample.Content(step))));

        Assert.Equal([1L, 2, 3, 4, 5, 6, 7, 8], store.List().Select(info => info.Step).Order());
    }

    [Fact]
    public async Task Disposing_waits_for_a_save_that_is_under_way()
    {
        var begun = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var store = CheckpointStore.Open(Root);
        Task<CheckpointSaveResult> saving = store.SaveAsync(Sample.Content(1) with
        {
            Files = [CheckpointFile.From("slow", async (stream, token) =>
            {
                begun.SetResult();
                await go.Task;
                await stream.WriteAsync(new byte[10], token);
            })],
        });
        await begun.Task;
        ValueTask disposing = store.DisposeAsync();
        Assert.False(disposing.IsCompleted);
        go.SetResult();
        await disposing;

        Assert.True(saving.IsCompletedSuccessfully);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.SaveAsync(2));
    }

    [Fact]
    public async Task Progress_goes_through_the_stages_and_counts_every_byte()
    {
        List<CheckpointSaveProgress> reports = [];
        await using var store = CheckpointStore.Open(Root);
        CheckpointSaveResult result = await store.SaveAsync(Sample.Content(1, length: 3 << 20), new SynchronousProgress<CheckpointSaveProgress>(report =>
        {
            lock (reports)
            {
                reports.Add(report);
            }
        }));

        Assert.Equal(Enum.GetValues<SaveStage>(), reports.Select(report => report.Stage).Distinct());
        Assert.Equal(result.Bytes, reports.Where(report => report.Stage == SaveStage.Writing).Max(report => report.Bytes));
        Assert.Equal(result.Bytes, reports.Where(report => report.Stage == SaveStage.Verifying).Max(report => report.Bytes));
        Assert.True(result.Timings.Total >= result.Timings.Write + result.Timings.Publish + result.Timings.Verify);
        Assert.True(result.Timings.Hash > TimeSpan.Zero);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData(".hidden")]
    [InlineData("ends.")]
    [InlineData("manifest.json")]
    [InlineData("Manifest.JSON")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    public void A_name_that_some_file_system_reads_otherwise_is_refused(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => CheckpointFile.FromText(name, ""));

    [Fact]
    public async Task What_the_caller_changes_after_asking_is_not_saved()
    {
        var go = new TaskCompletionSource();
        await using var store = CheckpointStore.Open(Root);
        var metadata = new JsonObject { ["tokens"] = 1 };
        var configuration = new Dictionary<string, string> { ["n_layer"] = "12" };
        Task<CheckpointSaveResult> saving = store.SaveAsync(new CheckpointContent
        {
            Step = 1,
            Metadata = metadata,
            Configuration = configuration,
            Files = [CheckpointFile.From("slow", async (stream, _) =>
            {
                await go.Task;
                stream.WriteByte(1);
            })],
        });
        metadata["tokens"] = 2;
        configuration["n_layer"] = "13";
        go.SetResult();

        CheckpointInfo info = (await saving).Checkpoint;
        Assert.Equal((1, "12"), (info.Metadata.GetProperty("tokens").GetInt32(), info.Configuration["n_layer"]));
    }

    [Fact]
    public async Task Metadata_that_json_cannot_hold_is_refused_before_anything_is_written()
    {
        await using var store = CheckpointStore.Open(Root);
        var deep = new JsonObject();
        JsonObject inner = deep;
        for (int i = 0; i < 70; i++)
        {
            var next = new JsonObject();
            inner["a"] = next;
            inner = next;
        }

        JsonObject[] bad = [new() { ["loss"] = double.NaN }, deep];
        foreach (JsonObject metadata in bad)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => store.SaveAsync(Sample.Content(1) with { Metadata = metadata }));
        }

        await Assert.ThrowsAsync<ArgumentException>(() =>
            store.SaveAsync(Sample.Content(1) with { Configuration = new Dictionary<string, string> { ["name"] = "\udc00" } }));
        Assert.Empty(store.List());
    }

    [Fact]
    public async Task Content_without_files_or_with_two_of_one_name_is_refused_before_anything_is_written()
    {
        await using var store = CheckpointStore.Open(Root);
        await Assert.ThrowsAsync<ArgumentException>(() => store.SaveAsync(Sample.Content(1) with { Files = [] }));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            store.SaveAsync(Sample.Content(1) with { Files = [CheckpointFile.FromText("a", ""), CheckpointFile.FromText("A", "")] }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.SaveAsync(Sample.Content(-1)));
        Assert.Empty(store.List());
    }
}
