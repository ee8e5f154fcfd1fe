using Importer.Export;
using Importer.Models;
using Importer.Training.Checkpoints;
using Importer.Training.NanoGpt;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Training.Tests.Run;

[Collection(TorchCollection.Name)]
public sealed class PretrainedTests : IDisposable
{
    private readonly Lab _lab = new();

    public void Dispose() => _lab.Dispose();

    // Tokens of a repeating pattern, below any vocabulary.
    private string Tokens(int vocabulary)
    {
        string directory = _lab["tokens"];
        Directory.CreateDirectory(directory);
        foreach (var (name, count) in new[] { ("train.bin", 3000), ("val.bin", 600) })
        {
            File.WriteAllBytes(Path.Combine(directory, name), [.. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes((ushort)(i * i % vocabulary)))]);
        }

        return directory;
    }

    private TrainingOptions Tune(string from, int vocabulary) => _lab.Options with
    {
        InitFrom = from,
        Data = Tokens(vocabulary),
        NLayer = null,
        NHead = null,
        NEmbd = null,
        BlockSize = 16,
        LearningRate = 1e-3,
        Dropout = 0,
        BatchSize = 2,
        MaxIters = 6,
        EvalInterval = 3,
    };

    [Theory]
    [InlineData("tiny-gpt2")]
    [InlineData("tiny-qwen2-tied")]
    [InlineData("tiny-opt")]
    [InlineData("tiny-opt-350m-style")]
    public async Task Any_family_is_fine_tuned_saved_and_resumed(string fixture)
    {
        var options = Tune(Repository.Fixture(fixture), 140);
        var log = new Recorder();
        var reference = await _lab.RunAsync(options with { OutDir = _lab["whole"] }, log);
        Assert.Null(reference.Error);
        Assert.Equal(TrainingRunEnd.Completed, reference.End);
        Assert.True(log.Evaluations[^1].ValidationLoss < log.Evaluations[0].ValidationLoss, "it learned nothing");
        Assert.Equal(Repository.Fixture(fixture), Lab.Record(reference.Checkpoint!).Base!.Source);
        await _lab.RunUntilAsync(options, 4);
        var result = await _lab.RunAsync(options with { InitFrom = "auto" });
        Assert.Equal(Lab.Bits(reference.Checkpoint!), Lab.Bits(result.Checkpoint!));

        using var model = PretrainedModel.FromPretrained(_lab.Out, new() { Device = CPU });
        using var file = SafeTensorFile.Open(result.Checkpoint!.GetPath("model.safetensors"));
        foreach (var (name, parameter) in model.named_parameters())
        {
            Assert.Equal(file.ReadBytes(name), parameter.bytes.ToArray());
        }
    }

    [Fact]
    public async Task The_ready_fine_tuning_lowers_a_model_s_loss_within_its_20_updates()
    {
        // Words in the model's characters, of another kind than Shakespeare's.
        File.WriteAllText(_lab.Text, string.Concat(Enumerable.Range(0, 80).Select(i => $"{(i % 2 == 0 ? "Some" : "No")} bottles of {(i % 3 == 0 ? "beer" : "wine")} on the wall.\n")));
        var options = TrainingConfiguration.Parse(
            ["finetune-shakespeare"],
            ["--init-from", Repository.Fixture("tiny-shakespeare"), "--data", _lab.Text, "--out-dir", _lab.Out, "--eval_iters=4", "--device=cpu"]).Options;
        var log = new Recorder();
        var result = await _lab.RunAsync(options, log);
        Assert.Equal((TrainingRunEnd.Completed, 20), (result.End, result.Step));
        Assert.Equal([0, 5, 10, 15, 20], log.Evaluations.Select(e => e.Step));
        Assert.True(result.BestLoss < log.Evaluations[0].ValidationLoss - 0.05, $"{log.Evaluations[0].ValidationLoss} to {result.BestLoss}");
        Assert.All(log.Steps, step => Assert.Equal(3e-5, step.LearningRate));
    }

    [Fact]
    public async Task Auto_begins_with_a_model_once_and_then_goes_on()
    {
        var options = Tune("auto", 200) with { AutoInitFrom = Repository.Fixture("tiny-gpt2"), MaxIters = 3 };
        await _lab.RunAsync(options);
        await _lab.RunAsync(options with { MaxIters = 5 });
        Assert.Equal([RunMessageKind.WeightsFound, RunMessageKind.Resumed], _lab.Messages.Select(m => m.Kind).Where(kind => kind > RunMessageKind.Warning));
        Assert.Contains(_lab.Messages, m => m.Text.StartsWith("Initializing from OpenAI GPT-2 weights: ", StringComparison.Ordinal));
        Assert.Equal([3, 5], _lab.Steps());
    }

    [Fact]
    public async Task A_shorter_context_crops_the_weights_and_the_moments_of_a_checkpoint()
    {
        await _lab.RunUntilAsync(_lab.Options, 5);
        var result = await _lab.RunAsync(_lab.Options with { InitFrom = "resume", BlockSize = 8 });
        Assert.Equal((TrainingRunEnd.Completed, "8"), (result.End, result.Checkpoint!.Configuration["block_size"]));
        using var file = SafeTensorFile.Open(result.Checkpoint.GetPath("optimizer.safetensors"));
        Assert.Equal([8, 16], file.Header["transformer.wpe.weight.exp_avg"].Shape);
    }

    [Fact]
    public async Task The_rows_before_the_first_position_stay_when_the_context_is_cropped()
    {
        var options = Tune(Repository.Fixture("tiny-opt"), 140) with { MaxIters = 4 };
        var first = await _lab.RunAsync(options);
        var result = await _lab.RunAsync(options with { InitFrom = "resume", BlockSize = 8, MaxIters = 5, LearningRate = 0, MinLr = 0, WeightDecay = 0 });
        Assert.Equal((null, TrainingRunEnd.Completed, 5), (result.Error, result.End, result.Step));
        using var whole = SafeTensorFile.Open(first.Checkpoint!.GetPath("model.safetensors"));
        using var cropped = SafeTensorFile.Open(result.Checkpoint!.GetPath("model.safetensors"));
        const string Table = "decoder.embed_positions.weight";
        Assert.Equal([18, 32], whole.Header[Table].Shape);
        Assert.Equal([10, 32], cropped.Header[Table].Shape);
        Assert.Equal(whole.ReadBytes(Table)[..(10 * 32 * 4)], cropped.ReadBytes(Table));
        using var model = PretrainedModel.FromPretrained(_lab.Out, new() { Device = CPU });
        Assert.Equal(8, model.Config.BlockSize);
    }

    [Fact]
    public async Task nanoGPT_s_checkpoint_is_resumed_with_its_optimizer_and_given_back()
    {
        Directory.CreateDirectory(_lab.Out);
        string original = Path.Combine(_lab.Out, "ckpt.pt");
        File.Copy(Path.Combine(Repository.Fixture("nanogpt-ckpt"), "ckpt_iter250.pt"), original);
        var options = _lab.Options with
        {
            InitFrom = "resume",
            Data = Tokens(60),
            NLayer = null,
            NHead = null,
            NEmbd = null,
            BlockSize = null,
            Dropout = 0,
            MaxIters = 252,
            EvalInterval = 1000,
            EvalIters = 1,
            LearningRate = 1e-3,
        };
        foreach (var wrong in new[] { options with { Data = "" }, options with { ResumeStep = 3 }, options with { ResumeEpoch = 1 } })
        {
            Assert.Single((await Assert.ThrowsAsync<TrainingConfigurationException>(() => _lab.RunAsync(wrong))).Problems);
        }

        Assert.Equal([original], Directory.GetFileSystemEntries(_lab.Out));
        var plan = await TrainingRun.PlanAsync(options with { ResumeStep = 250 });
        Assert.Equal((250, 252, 1), (plan.FirstStep, plan.TotalSteps, plan.Saves));
        var log = new Recorder();
        var result = await _lab.RunAsync(options, log);
        Assert.Equal((TrainingRunEnd.Completed, 252), (result.End, result.Step));
        Assert.Equal([251, 252], log.Steps.Select(step => step.Step));
        Assert.Contains(_lab.Messages, m => m.Kind == RunMessageKind.Resumed && m.Text.Contains("step 250", StringComparison.Ordinal));

        var exported = await CheckpointExporter.ExportAsync(result.Checkpoint!, _lab["nanogpt"], ExportFormat.NanoGpt);
        string path = Path.Combine(exported.Directory, "ckpt.pt");
        using var checkpoint = NanoGptCheckpoint.Open(path);
        Assert.Equal((252, true), (checkpoint.Step, checkpoint.HasOptimizer));

        // Settings as Python's values: a whole number is no float.
        Assert.Contains("\"batch_size\":4,", checkpoint.Config!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("\"learning_rate\":0.001,", checkpoint.Config.ToJsonString(), StringComparison.Ordinal);

        // Into a trainer again: every bit of weights and moments.
        using var scope = NewDisposeScope();
        using var model = PretrainedModel.FromPretrained(path, new() { Device = CPU, Dropout = 0, Training = true, MapWhenPossible = false });
        using var trainer = new Trainer(model, options, new TrainingSources(new NumberSource(60, model.Config.BlockSize), []));
        checkpoint.Resume(trainer);
        foreach (var (name, tensors) in new[] { ("model.safetensors", trainer.ModelTensors), ("optimizer.safetensors", trainer.OptimizerTensors) })
        {
            using var file = SafeTensorFile.Open(result.Checkpoint!.GetPath(name));
            Assert.All(tensors, item => Assert.Equal(file.ReadBytes(item.Name), item.Tensor.detach().bytes.ToArray()));
        }
    }

    [Fact]
    public async Task The_three_lines_are_there_in_Chinese_too()
    {
        var lines = new List<string>();
        var run = new TrainingRunOptions { Language = "zh", Log = new Collect(lines) };
        await Lab.RunAsync(_lab.Options with { MaxIters = 2 }, run);
        await Lab.RunAsync(_lab.Options with { InitFrom = "resume", MaxIters = 3 }, run);
        await Lab.RunAsync(_lab.Options with { InitFrom = _lab.Checkpoints()[0].Directory, OutDir = _lab["other"], MaxIters = 1 }, run);
        Assert.Single(lines, line => line.StartsWith("未发现已有权重文件,从头开始训练", StringComparison.Ordinal));
        Assert.Single(lines, line => line.StartsWith("权重加载完成,继续训练", StringComparison.Ordinal));
        Assert.Single(lines, line => line.StartsWith("发现已有权重文件,加载中", StringComparison.Ordinal));
    }

    [Fact]
    public async Task nanoGPT_s_way_of_drawing_is_resumed_bit_for_bit()
    {
        var options = _lab.Options with { NanogptCompat = true, Sampler = "random" };
        var whole = new Recorder();
        var reference = await _lab.RunAsync(options with { OutDir = _lab["whole"] }, whole);
        var parts = new Recorder();
        await _lab.RunUntilAsync(options, 6, parts);
        var result = await _lab.RunAsync(options with { InitFrom = "resume" }, parts);
        Assert.Equal(whole.Steps.Select(s => (s.Step, s.Loss)), parts.Steps.Select(s => (s.Step, s.Loss)));
        Assert.Equal(Lab.Bits(reference.Checkpoint!), Lab.Bits(result.Checkpoint!));
        Assert.Equal(13, result.Step);
    }

    [Fact]
    public async Task In_compat_without_data_to_evaluate_saves_change_nothing()
    {
        string? bits = null;
        foreach (string interval in new[] { "1000", "1", "5" })
        {
            var options = Tune(Repository.Fixture("tiny-gpt2"), 140) with { NanogptCompat = true, SaveInterval = interval, OutDir = _lab[interval] };
            File.WriteAllBytes(Path.Combine(options.Data, "val.bin"), [1, 0]);
            var result = await _lab.RunAsync(options);
            Assert.Null(result.Error);
            Assert.Equal(bits ??= Lab.Bits(result.Checkpoint!), Lab.Bits(result.Checkpoint!));
        }
    }

    [Fact]
    public async Task In_compat_the_seed_decides_whatever_the_run_begins_with()
    {
        var options = Tune(Repository.Fixture("tiny-gpt2"), 140) with { NanogptCompat = true, MaxIters = 2 };
        string first = await BitsAsync(1), again = await BitsAsync(1), other = await BitsAsync(2);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);

        async Task<string> BitsAsync(long seed) =>
            Lab.Bits((await _lab.RunAsync(options with { Seed = seed, OutDir = _lab[Guid.NewGuid().ToString("N")] })).Checkpoint!);
    }

    private sealed class Collect(List<string> lines) : IProgress<RunMessage>
    {
        public void Report(RunMessage value) => lines.Add(value.Text);
    }
}
