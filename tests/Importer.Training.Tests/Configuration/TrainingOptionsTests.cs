using System.Text.Json.Nodes;

namespace Importer.Training.Tests.Configuration;

public sealed class TrainingOptionsTests
{
    [Fact]
    public void The_defaults_are_valid_and_nanogpts()
    {
        var options = new TrainingOptions();
        options.Validate();
        Assert.Equal(
            ("out", 2000L, 1L, 200, false, true, "scratch", 40, 12, 0.0, 6e-4, 0.1, 0.9, 0.95, 1.0, true, 2000L, 6e-5, 1337L),
            (options.OutDir, options.EvalInterval, options.LogInterval, options.EvalIters, options.EvalOnly, options.AlwaysSaveCheckpoint, options.InitFrom,
                options.GradientAccumulationSteps, options.BatchSize, options.Dropout, options.LearningRate, options.WeightDecay, options.Beta1, options.Beta2,
                options.GradClip, options.DecayLr, options.WarmupIters, options.MinLr, options.Seed));
        Assert.Equal(["data"], Assert.Throws<TrainingConfigurationException>(options.ValidateRun).Names);
        (options with { InitFrom = "resume" }).ValidateRun();
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "init_from", "\" \"" }, { "auto_init_from", "\"resume\"" }, { "out_dir", "\"\"" }, { "n_layer", "0" }, { "n_head", "-1" }, { "n_embd", "0" }, { "block_size", "0" },
        { "vocab_size", "0" }, { "dropout", "1" }, { "dropout", "-0.1" }, { "batch_size", "0" }, { "gradient_accumulation_steps", "0" }, { "sampler", "\"rand\"" },
        { "max_iters", "-1" }, { "epochs", "0" }, { "stop_after_epochs", "0" }, { "max_minutes", "-1" }, { "early_stopping_patience", "0" }, { "learning_rate", "-1" },
        { "weight_decay", "-1" }, { "beta1", "1" }, { "beta2", "-0.5" }, { "grad_clip", "-1" }, { "warmup_iters", "-1" }, { "lr_decay_iters", "-1" }, { "min_lr", "-1" },
        { "min_lr", "1" }, { "eval_interval", "0" }, { "eval_iters", "0" }, { "log_interval", "0" }, { "device", "\"gpu\"" }, { "device", "\"cuda:x\"" }, { "dtype", "\"float16\"" },
        { "threads", "0" }, { "save_interval", "\"0\"" }, { "save_interval", "\"often\"" }, { "save_every_minutes", "0" }, { "save_interval_min", "0" }, { "keep_last", "0" },
        { "keep_every", "0" }, { "keep_best", "-1" }, { "on_save_error", "\"panic\"" }, { "disk_check", "\"\"" }, { "resume_step", "-1" }, { "resume_epoch", "-1" },
        { "lr_schedule_on_extend", "\"x\"" }, { "resume_from", "\"best\"" },
        { "max_iters", "9223372036854775807" }, { "warmup_iters", "9223372036854775807" }, { "epochs", "1e300" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_setting_out_of_range_is_named(string name, string value)
    {
        var json = new TrainingOptions().ToJson();
        json[name] = JsonNode.Parse(value);
        var error = Assert.Throws<TrainingConfigurationException>(TrainingOptions.FromJson(json, out _).Validate);
        Assert.Contains(name, error.Names);
        Assert.StartsWith(name, error.Problems.First(problem => problem.Setting == name).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_are_none_are_named()
    {
        var options = new TrainingOptions { LearningRate = double.NaN, Dropout = double.NaN, Epochs = double.PositiveInfinity, Beta1 = double.NaN };
        Assert.Equal(["dropout", "epochs", "learning_rate", "beta1"], Assert.Throws<TrainingConfigurationException>(options.Validate).Names);
    }

    [Fact]
    public void Settings_that_contradict_each_other_are_named_all_at_once()
    {
        var options = new TrainingOptions
        {
            NEmbd = 100,
            NHead = 3,
            LearningRate = 1e-5,
            MaxIters = 1,
            Epochs = 1,
            ResumeFrom = "best",
            ResumeStep = 3,
            BatchSize = 0,
            NanogptCompat = false,
        };
        var error = Assert.Throws<TrainingConfigurationException>(options.Validate);
        Assert.Equal(["batch_size", "n_embd", "min_lr", "epochs", "resume_from"], error.Names);
        Assert.Equal(6, error.Problems.Count);
        Assert.Contains("n_embd is 100, which the 3 heads of n_head do not divide", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(error.Remedy, error.Message, StringComparison.Ordinal);
        Assert.Equal(["nanogpt_compat"], Assert.Throws<TrainingConfigurationException>(new TrainingOptions { NanogptCompat = true, Epochs = 1 }.Validate).Names);
    }

    [Fact]
    public void Options_survive_json_bit_by_bit()
    {
        var options = new TrainingOptions
        {
            InitFrom = "none",
            Data = "null",
            OutDir = "a\"b\u0001\u751f",
            LearningRate = 0.1 + 0.2,
            MinLr = double.Epsilon,
            Seed = long.MinValue,
            MaxIters = long.MaxValue,
            KeepLast = null,
            Bias = false,
            ResumeFrom = "none",
            Threads = 3,
            Epochs = 1.0 / 3,
        };
        var json = JsonNode.Parse(options.ToJson().ToJsonString())!.AsObject();
        Assert.Equal(options, TrainingOptions.FromJson(json, out var unknown));
        Assert.Empty(unknown);
        Assert.Equal(Setting.All.Select(setting => setting.Name), json.Select(pair => pair.Key));
    }

    [Fact]
    public void Json_of_another_version_is_read_and_what_is_unknown_told()
    {
        var options = TrainingOptions.FromJson(JsonNode.Parse("""{"seed": 5, "new_thing": [1]}""")!.AsObject(), out var unknown);
        Assert.Equal(new TrainingOptions { Seed = 5 }, options);
        Assert.Equal(["new_thing"], unknown);
    }

    [Fact]
    public void Damaged_json_names_every_setting()
    {
        var json = JsonNode.Parse("""{"seed": "5", "out_dir": null, "bias": 1, "batch_size": 1.5, "data": {}, "keep_last": null}""")!.AsObject();
        Assert.Equal(["seed", "out_dir", "bias", "batch_size", "data"], Assert.Throws<TrainingConfigurationException>(() => TrainingOptions.FromJson(json, out _)).Names);
    }

    [Fact]
    public void Differences_are_named_field_by_field()
    {
        var one = new TrainingOptions();
        Assert.Empty(TrainingOptions.Differences(one, one with { }));
        var other = one with { LearningRate = 1e-4, KeepLast = null, OutDir = "x\u001b", Bias = true };
        Assert.Equal(
            ["out_dir: was 'out', is 'x\\u001b'", "bias: was none, is true", "learning_rate: was 0.0006, is 0.0001", "keep_last: was 2, is none"],
            TrainingOptions.Differences(one, other).Select(difference => difference.ToString()));
    }
}
