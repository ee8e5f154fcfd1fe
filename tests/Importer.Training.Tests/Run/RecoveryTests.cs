using CheckpointStorage;
using Importer.Generation;

namespace Importer.Training.Tests.Run;

[Collection(TorchCollection.Name)]
public sealed class RecoveryTests : IDisposable
{
    private readonly Lab _lab = new();

    public void Dispose() => _lab.Dispose();

    public static TheoryData<string, string> Damages
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (string file in new[] { "model.safetensors", "optimizer.safetensors", "trainer.json", "config.json", "meta.json", "manifest.json" })
            {
                foreach (string damage in new[] { "flip", "cut", "empty", "delete" })
                {
                    data.Add(file, damage);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_checkpoint_is_put_aside_and_the_one_before_is_taken(string file, string damage)
    {
        var reference = await _lab.RunAsync(_lab.Options with { InitFrom = "auto" });
        string bits = Lab.Bits(reference.Checkpoint!);
        Assert.Contains(file, reference.Checkpoint!.Files.Select(item => item.Name).Append("manifest.json"));
        Damage(Path.Combine(reference.Checkpoint!.Directory, file), damage);
        _lab.Messages.Clear();
        var result = await _lab.RunAsync(_lab.Options with { InitFrom = "auto" });
        Assert.Equal((TrainingRunEnd.Completed, bits), (result.End, Lab.Bits(result.Checkpoint!)));
        var line = Assert.Single(_lab.Messages, m => m.Kind == RunMessageKind.Warning && m.Text.Contains(reference.Checkpoint.Id, StringComparison.Ordinal));
        Assert.Contains("put aside", line.Text, StringComparison.Ordinal);
        Assert.Contains(_lab.Messages, m => m.Kind == RunMessageKind.Resumed && m.Text.Contains("step 8", StringComparison.Ordinal));
        Assert.True(Directory.Exists(Path.Combine(_lab.Out, ".corrupt-" + reference.Checkpoint.Id)));
    }

    [Fact]
    public async Task A_damaged_checkpoint_is_neither_exported_nor_begun_with()
    {
        var reference = await _lab.RunAsync(_lab.Options);
        string file = reference.Checkpoint!.GetPath("model.safetensors");
        Lab.Flip(file);
        var export = await Assert.ThrowsAsync<CheckpointDamagedException>(
            () => Training.Checkpoints.CheckpointExporter.ExportAsync(reference.Checkpoint, _lab["exported"], Importer.Export.ExportFormat.Transformers));
        Assert.Contains("model.safetensors", export.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_lab["exported"]));
        await Assert.ThrowsAsync<CheckpointDamagedException>(() => _lab.RunAsync(_lab.Options with { InitFrom = reference.Checkpoint.Directory, OutDir = _lab["other"] }));
        Assert.False(Directory.Exists(_lab["other"]));
    }

    [Fact]
    public async Task What_only_looks_passes_a_damaged_checkpoint_over_and_says_so()
    {
        var reference = await _lab.RunAsync(_lab.Options);
        Lab.Flip(reference.Checkpoint!.GetPath("model.safetensors"));
        string before = Lab.Tree(_lab.Out);
        _lab.Messages.Clear();
        var result = await _lab.RunAsync(_lab.Options with { InitFrom = "auto", EvalOnly = true });
        Assert.Equal((TrainingRunEnd.Evaluated, 8), (result.End, result.Step));
        Assert.Contains("(passed over; ", Assert.Single(_lab.Messages, m => m.Text.Contains(reference.Checkpoint.Id, StringComparison.Ordinal)).Text, StringComparison.Ordinal);
        Assert.Equal(before, Lab.Tree(_lab.Out));
    }

    [Fact]
    public async Task The_same_command_goes_on_with_its_own_checkpoints_whatever_it_began_with()
    {
        await _lab.RunAsync(_lab.Options with { OutDir = _lab["before"] });
        var whole = await _lab.RunAsync(_lab.Options with { OutDir = _lab["whole"], InitFrom = "auto", ResumeFrom = _lab.Checkpoints(_lab["before"])[0].Directory });
        var options = _lab.Options with { InitFrom = "auto", ResumeFrom = _lab.Checkpoints(_lab["before"])[0].Directory };
        Assert.Equal(7, (await _lab.RunUntilAsync(options, 7)).Checkpoint!.Step);
        _lab.Messages.Clear();
        var result = await _lab.RunAsync(options);
        Assert.Contains(_lab.Messages, m => m.Kind == RunMessageKind.Resumed && m.Text.Contains("(step 7,", StringComparison.Ordinal));
        Assert.Equal(Lab.Bits(whole.Checkpoint!), Lab.Bits(result.Checkpoint!));

        // As it is of resume, which was told which.
        await Assert.ThrowsAsync<RunDirectoryInUseException>(() => _lab.RunAsync(options with { InitFrom = "resume" }));
    }

    [Fact]
    public async Task The_same_command_goes_back_to_a_step_once_and_then_goes_on()
    {
        var whole = await _lab.RunAsync(_lab.Options);
        var options = _lab.Options with { InitFrom = "auto", ResumeStep = 4 };
        Assert.Equal(7, (await _lab.RunUntilAsync(options, 7)).Checkpoint!.Step);
        await GoesOnFromAsync(options, 7);
        Assert.Equal(Lab.Bits(whole.Checkpoint!), Lab.Bits(_lab.Checkpoints()[^1]));
        await GoesOnFromAsync(options, 12);

        // Who asks for resume goes back again; and auto does where what it came to is damaged: what is older is of another command.
        await GoesOnFromAsync(options with { InitFrom = "resume" }, 4);
        Assert.Equal(7, (await _lab.RunUntilAsync(options, 7)).Checkpoint!.Step);
        Lab.Flip(_lab.Checkpoints()[^1].GetPath("model.safetensors"));
        await GoesOnFromAsync(options, 4);

        async Task GoesOnFromAsync(TrainingOptions command, long step)
        {
            _lab.Messages.Clear();
            Assert.Equal(TrainingRunEnd.Completed, (await _lab.RunAsync(command)).End);
            Assert.Contains(_lab.Messages, m => m.Kind == RunMessageKind.Resumed && m.Text.Contains($"(step {step},", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Where_all_are_damaged_it_refuses_and_never_begins_anew()
    {
        await _lab.RunAsync(_lab.Options with { InitFrom = "auto" });
        foreach (var checkpoint in _lab.Checkpoints())
        {
            Lab.Flip(checkpoint.GetPath("model.safetensors"));
        }

        for (int time = 0; time < 2; time++)
        {
            await Assert.ThrowsAsync<AllCheckpointsDamagedException>(() => _lab.RunAsync(_lab.Options with { InitFrom = "auto" }));
        }

        await Assert.ThrowsAsync<RunDirectoryInUseException>(() => _lab.RunAsync(_lab.Options));
    }

    [Fact]
    public async Task Resumes_from_a_step_an_id_the_best_or_a_path_and_refuses_what_is_not_there()
    {
        var reference = await _lab.RunAsync(_lab.Options);
        var all = _lab.Checkpoints();
        var resume = _lab.Options with { InitFrom = "resume" };
        foreach (var options in new[] { resume with { ResumeStep = 4 }, resume with { ResumeFrom = all[0].Id[..30] }, resume with { ResumeFrom = all[0].Directory } })
        {
            Assert.Equal(Lab.Bits(reference.Checkpoint!), Lab.Bits((await _lab.RunAsync(options)).Checkpoint!));
        }

        var best = all.MinBy(c => c.Metric)!;
        _lab.Messages.Clear();
        await _lab.RunAsync(resume with { ResumeFrom = "best" });
        Assert.Contains(_lab.Messages, m => m.Kind == RunMessageKind.Resumed && m.Text.Contains($"step {best.Step},", StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<CheckpointNotFoundException>(() => _lab.RunAsync(resume with { ResumeStep = 5 }));
        Assert.Contains(all[0].Id, error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NothingToResumeException>(() => _lab.RunAsync(resume with { OutDir = _lab["nothing"] }));
        Assert.False(Directory.Exists(_lab["nothing"]));
    }

    [Fact]
    public async Task What_is_resumed_is_backed_up_and_the_backup_can_be_resumed()
    {
        var first = await _lab.RunAsync(_lab.Options);
        await _lab.RunAsync(_lab.Options with { InitFrom = "auto", MaxIters = 13 });
        Lab.Flip(first.Checkpoint!.GetPath("model.safetensors"));
        string backup = Path.Combine(_lab.Out, "backups", first.Checkpoint.Id);
        using var store = CheckpointStore.OpenRead(_lab.Out);
        Assert.Empty(await store.VerifyAsync(CheckpointStore.Identify(backup)));
        var result = await _lab.RunAsync(_lab.Options with { InitFrom = "resume", ResumeFrom = backup, OutDir = _lab["again"], MaxIters = 13 });
        Assert.Equal(Lab.Bits(_lab.Checkpoints()[^1]), Lab.Bits(result.Checkpoint!));
    }

    [Fact]
    public async Task A_run_s_directory_is_a_model_and_a_damaged_checkpoint_is_not_sampled()
    {
        await _lab.RunAsync(_lab.Options);
        var all = _lab.Checkpoints();
        using (var generator = TextGenerator.FromPretrained(_lab.Out))
        {
            Assert.Equal(all[^1].Directory, generator.Model.LoadReport!.Directory);
            Assert.True(generator.Model.LoadReport.IsMapped);
            Assert.Equal(10, generator.Generate("bottles ", new() { MaxNewTokens = 10 }).Ids.Count);
        }

        Lab.Flip(all[^1].GetPath("model.safetensors"));
        using (var generator = TextGenerator.FromPretrained(_lab.Out))
        {
            Assert.Equal(all[^2].Directory, generator.Model.LoadReport!.Directory);
        }

        Lab.Flip(all[0].GetPath("model.safetensors"));
        Lab.Flip(all[1].GetPath("model.safetensors"));
        Assert.Contains("damaged", Assert.Throws<ModelNotFoundException>(() => TextGenerator.FromPretrained(_lab.Out)).Message, StringComparison.Ordinal);
    }

    private static void Damage(string path, string how)
    {
        switch (how)
        {
            case "flip":
                Lab.Flip(path);
                break;
            case "cut":
                using (var file = File.OpenWrite(path))
                {
                    file.SetLength(file.Length / 2);
                }

                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            default:
                File.Delete(path);
                break;
        }
    }
}
