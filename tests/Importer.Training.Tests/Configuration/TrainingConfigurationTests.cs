using Tests.Shared;

namespace Importer.Training.Tests.Configuration;

public sealed class TrainingConfigurationTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("--n-layer", "6")]
    [InlineData("--n_layer", "6")]
    [InlineData("--n_layer=6", null)]
    [InlineData("--N-Layer=6.0", null)]
    [InlineData("--num_hidden_layers", "6")]
    public void A_setting_has_many_spellings(string first, string? second) => Assert.Equal(6, Parse(first, second).NLayer);

    [Fact]
    public void Nothing_given_is_the_defaults()
    {
        var run = TrainingConfiguration.Parse([], []);
        Assert.Equal(new TrainingOptions(), run.Options);
        Assert.Empty(run.Origins);
        Assert.Empty(run.Notes);
    }

    [Fact]
    public void Every_setting_can_be_given_under_its_own_name()
    {
        foreach (var setting in Setting.All)
        {
            string value = setting.Type == typeof(string) ? "resume" : setting.Type == typeof(bool) ? "true" : "7";
            var run = TrainingConfiguration.Parse([], [$"--{setting.Name.Replace('_', '-')}={value}"]);
            Assert.Equal(value, Convert.ToString(setting.Get(run.Options), System.Globalization.CultureInfo.InvariantCulture)!.ToLowerInvariant());
            Assert.Equal(new SettingOrigin("command line", setting.Name), run.Origins[setting.Name]);
        }
    }

    [Theory]
    [InlineData("learning_rate", "5e-4", 5e-4)]
    [InlineData("learning_rate", "1", 1.0)]
    [InlineData("learning_rate", ".5", 0.5)]
    [InlineData("learning_rate", "1_000.5", 1000.5)]
    [InlineData("max_iters", "1_000", 1000L)]
    [InlineData("max_iters", "6e5", 600_000L)]
    [InlineData("max_iters", "None", null)]
    [InlineData("bias", "True", true)]
    [InlineData("bias", "false", false)]
    [InlineData("bias", "1", true)]
    [InlineData("keep_last", "null", null)]
    [InlineData("keep_last", "all", null)]
    [InlineData("out_dir", "a=b=c", "a=b=c")]
    [InlineData("out_dir", "'quoted'", "quoted")]
    [InlineData("out_dir", "", "")]
    [InlineData("dtype", "bf16", "bfloat16")]
    [InlineData("seed", "-1", -1L)]
    public void Values_are_read_as_shells_and_python_write_them(string name, string text, object? value) =>
        Assert.Equal(value, Setting.ByName[name].Get(TrainingConfiguration.Parse([], [$"--{name}={text}"]).Options));

    [Theory]
    [InlineData("learning_rate", "fast")]
    [InlineData("learning_rate", "")]
    [InlineData("learning_rate", "nan")]
    [InlineData("learning_rate", "1e999")]
    [InlineData("learning_rate", "None")]
    [InlineData("learning_rate", "1,5")]
    [InlineData("learning_rate", "_1")]
    [InlineData("batch_size", "1.5")]
    [InlineData("batch_size", "3000000000")]
    [InlineData("max_iters", "1e30")]
    [InlineData("max_iters", " 5")]
    [InlineData("decay_lr", "maybe")]
    public void A_value_that_is_none_is_an_error_that_shows_it(string name, string text)
    {
        var error = Assert.Throws<TrainingConfigurationException>(() => TrainingConfiguration.Parse([], [$"--{name}={text}"]));
        Assert.Equal([name], error.Names);
        Assert.Contains($"{name} is '{text}', which is no ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_negative_number_is_a_value_and_no_option()
    {
        var run = TrainingConfiguration.Parse([], ["--seed", "-5", "--eval-only", "--max-steps", "-1", "--bias"]);
        Assert.Equal((-5, true, null, true), (run.Options.Seed, run.Options.EvalOnly, run.Options.MaxIters, run.Options.Bias));
    }

    [Fact]
    public void A_truth_value_may_be_left_out_or_denied()
    {
        Assert.True(Parse("--eval-only").EvalOnly);
        Assert.False(Parse("--eval-only", "False").EvalOnly);
        Assert.False(Parse("--no-decay-lr").DecayLr);
        Assert.False(Parse("--no_always_save_checkpoint").AlwaysSaveCheckpoint);
        var run = TrainingConfiguration.Parse([], ["--eval-only", "train-shakespeare-char"]);
        Assert.True(run.Options.EvalOnly);
        Assert.Equal(384, run.Options.NEmbd);
    }

    [Fact]
    public void Later_wins_between_files_and_arguments()
    {
        string one = Write("one.json", """{ "batch_size": 1, "block_size": 11, "dropout": 0.1 }"""), two = Write("two.json", """{ "block_size": 22 }""");
        var run = TrainingConfiguration.Parse([one, two], ["--dropout=0.3"]);
        Assert.Equal((1, 22, 0.3), (run.Options.BatchSize, run.Options.BlockSize, run.Options.Dropout));
        Assert.Equal($"{two}, line 1, column 3", run.Origins["block_size"].Where);
        Assert.Equal("command line", run.Origins["dropout"].Where);
        Assert.Empty(run.Notes);
        Assert.Equal(11, TrainingConfiguration.Parse([], ["--block_size=33", one]).Options.BlockSize);
    }

    [Fact]
    public void A_configuration_may_be_named_as_such()
    {
        string one = Write("one.json", """{ "seed": 1 }""");
        Assert.Equal(1, Parse("--config", one).Seed);
        Assert.Equal(2, Parse($"--config={one}", "--seed=2").Seed);
        Assert.Equal(["config"], Assert.Throws<TrainingConfigurationException>(() => Parse("--config")).Names);
    }

    [Fact]
    public void What_one_source_gives_twice_is_told()
    {
        var run = TrainingConfiguration.Parse([], ["--lr", "1e-3", "--learning-rate", "1e-4", "--seed=1", "--seed=1"]);
        Assert.Equal(1e-4, run.Options.LearningRate);
        Assert.Equal(["learning_rate was given twice (lr and learning_rate); the later value counts: 1e-4"], run.Notes);
    }

    [Fact]
    public void Settings_that_exclude_each_other_set_each_other_back()
    {
        var run = TrainingConfiguration.Parse(["train-shakespeare-char"], ["--epochs", "2"]);
        Assert.Equal((null, 2.0), (run.Options.MaxIters, run.Options.Epochs));
        Assert.StartsWith("max_iters 5000 (train-shakespeare-char, line ", Assert.Single(run.Notes), StringComparison.Ordinal);
        run.Options.Validate();
        Assert.Equal((5, null), (Parse("--num_train_epochs=3", "--max_steps=5").MaxIters, Parse("--num_train_epochs=3", "--max_steps=5").Epochs));
        Assert.Equal((null, 7L, "resume"), (Parse("--resume-from=best", "--resume-step=7") is var o ? (o.ResumeFrom, o.ResumeStep, o.InitFrom) : default));
    }

    [Fact]
    public void An_unknown_setting_names_the_nearest()
    {
        var error = Assert.Throws<TrainingConfigurationException>(() => TrainingConfiguration.Parse([], ["--learning-rat=1", "--n_layers", "3", "--zzzzzz=1", "-q"]));
        Assert.Equal(["learning_rat", "n_layers", "zzzzzz", "-q"], error.Names);
        Assert.Contains("there is no setting learning_rat; is learning_rate meant? (command line)", error.Message, StringComparison.Ordinal);
        Assert.Contains("is n_layer meant?", error.Message, StringComparison.Ordinal);
        Assert.Contains("there is no setting zzzzzz (command line)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_without_its_value_is_an_error()
    {
        var error = Assert.Throws<TrainingConfigurationException>(() => TrainingConfiguration.Parse([], ["--out-dir", "--seed"]));
        Assert.Equal(["out_dir lacks its value (command line)", "seed lacks its value (command line)"], error.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void A_name_from_outside_cannot_act_on_a_terminal() =>
        Assert.DoesNotContain('\u001b', Assert.Throws<TrainingConfigurationException>(() => TrainingConfiguration.Parse([], ["--\u001b[2J=1", "\u001b.json"])).Message);

    [Fact]
    public void A_gentle_learning_rate_takes_min_lr_with_it()
    {
        var run = TrainingConfiguration.Parse([], ["--lr", "3e-5"]);
        Assert.Equal(3e-6, run.Options.MinLr, 12);
        Assert.Single(run.Notes);
        run.Options.Validate();
        Assert.Equal(6e-5, Parse("--lr=3e-5", "--nanogpt-compat").MinLr);
        Assert.Equal(6e-5, Parse("--lr=1e-3").MinLr);
        Assert.Throws<TrainingConfigurationException>(() => Parse("--lr=3e-5", "--min-lr=6e-5").Validate());
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_directory[name], text);
        return _directory[name];
    }

    private static TrainingOptions Parse(params string?[] args) => TrainingConfiguration.Parse([], args.OfType<string>()).Options;
}
