using Tests.Shared;

namespace Importer.Training.Tests.Configuration;

public sealed class ConfigurationFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Json_may_have_comments_commas_and_values_of_either_kind()
    {
        var options = Read("a.json", """
            {
              "$schema": "https://example.com/x.json",
              // a comment
              "n-layer": 4, "learning_rate": "5e-4", "save_interval": 100, "keep_last": null,
              "bias": "True", "resume_from_checkpoint": false, "max_iters": 1e3,
            }
            """);
        Assert.Equal((4, 5e-4, "100", null, true, 1000L, "scratch"), (options.NLayer, options.LearningRate, options.SaveInterval, options.KeepLast, options.Bias, options.MaxIters, options.InitFrom));
    }

    [Theory]
    [InlineData("{\n  \"batch_size\": 1,\n  \"dropuot\": 0.1\n}", "dropuot", "line 3, column 3")]
    [InlineData("{\n  \"batch_size\": 1.5}", "batch_size", "line 2, column 3")]
    [InlineData("{\"é\": 1, \"out_dir\": [1]}", "out_dir", "line 1, column 10")]
    [InlineData("{\"out_dir\": {\"a\": [1]}}", "out_dir", "line 1, column 2")]
    [InlineData("{\"out_dir\": true}", "out_dir", "line 1, column 2")]
    [InlineData("{\"out_dir\": null}", "out_dir", "line 1, column 2")]
    [InlineData("{\"save_interval\": true}", "save_interval", "line 1, column 2")]
    [InlineData("{\"seed\": null}", "seed", "line 1, column 2")]
    [InlineData("{\"seed\": 1, \"seed\": 2}", "seed", "line 1, column 13")]
    [InlineData("{\"n_layer\": 1, \"n-layer\": 2}", "n-layer", "line 1, column 16")]
    [InlineData("[1]", "", "line 1, column 1")]
    [InlineData("{\n\"seed\" 1}", "", "line 2, column 8")]
    [InlineData("{\"seed\": 1} x", "", "line 1, column 13")]
    [InlineData("{\"seed\": 1", "", "line 1")]
    [InlineData("", "", "line 1")]
    [InlineData("<html>", "", "line 1")]
    [InlineData("{\"out_dir\": \"\\ud800\"}", "", "line 1, column 2")]
    public void What_is_wrong_in_a_file_is_told_with_its_place(string text, string name, string place)
    {
        var error = Assert.Throws<TrainingConfigurationException>(() => Read("a.json", text));
        Assert.Contains(error.Problems, problem => problem.Setting == name && problem.Where!.Contains(place, StringComparison.Ordinal));
        Assert.Contains("a.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_nanogpt_is_read_as_data()
    {
        File.WriteAllText(_directory["train.py"], """
            # train a miniature model
            import time

            out_dir = 'out-mine' # where
            eval_interval = 250
            wandb_run_name = 'ft-' + str(time.time())
            wandb_log = False
            dataset = "shakespeare_char"
            gradient_accumulation_steps = 5 * 8
            learning_rate=1e-3
            decay_lr = False
            compile = False # do not torch compile the model
            """);
        var run = TrainingConfiguration.Parse([_directory["train.py"]], []);
        var expected = new TrainingOptions { OutDir = "out-mine", EvalInterval = 250, Data = "data/shakespeare_char", GradientAccumulationSteps = 40, LearningRate = 1e-3, DecayLr = false };
        Assert.Equal(expected, run.Options);
        Assert.Equal(3, run.Notes.Count);
        Assert.Equal($"{_directory["train.py"]}, line 10, column 1", run.Origins["learning_rate"].Where);
    }

    [Theory]
    [InlineData("batch_size = int('3')")]
    [InlineData("__import__('os').system('touch x')")]
    [InlineData("batch_size = 9223372036854775807 * 4")]
    [InlineData("  batch_size = 3")]
    [InlineData("batch_size == 3")]
    [InlineData("out_dir = 'a' 'b'")]
    public void Python_that_is_no_data_is_refused(string line)
    {
        var error = Assert.Throws<TrainingConfigurationException>(() => Read("a.py", $"seed = 1\n{line}\n"));
        Assert.Contains("a.py, line 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_names_the_ready_ones()
    {
        var error = Assert.Throws<TrainingConfigurationException>(() => TrainingConfiguration.Parse([], ["finetune-shakespear"]));
        Assert.Contains("is finetune-shakespeare meant?", error.Message, StringComparison.Ordinal);
        Assert.Throws<TrainingConfigurationException>(() => TrainingConfiguration.Parse([""], []));
        Assert.Throws<NotAFileException>(() => TrainingConfiguration.Parse([_directory.Path], []));
        File.WriteAllBytes(_directory["long.json"], new byte[(1 << 20) + 1]);
        Assert.Throws<TrainingConfigurationException>(() => TrainingConfiguration.Parse([_directory["long.json"]], []));
    }

    [Fact]
    public void Everything_that_is_wrong_is_named_at_once()
    {
        File.WriteAllText(_directory["a.json"], "{\"x\": 1, \"batch_size\": \"many\"}");
        var error = Assert.Throws<TrainingConfigurationException>(() => TrainingConfiguration.Parse([_directory["a.json"], "nothing"], ["--dropout=much", "--y"]));
        Assert.Equal(["x", "batch_size", "nothing", "dropout", "y"], error.Names);
        Assert.StartsWith("5 settings are wrong:\n", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("finetune-shakespeare")]
    [InlineData("finetune_shakespeare")]
    [InlineData("config/finetune_shakespeare.py")]
    [InlineData("config\\finetune_shakespeare.py")]
    [InlineData("finetune-shakespeare.json")]
    public void The_ready_fine_tuning_is_nanogpts(string name)
    {
        var expected = new TrainingOptions
        {
            OutDir = "out-shakespeare",
            EvalInterval = 5,
            EvalIters = 40,
            Data = "data/shakespeare",
            InitFrom = "gpt2-xl",
            AlwaysSaveCheckpoint = false,
            BatchSize = 1,
            GradientAccumulationSteps = 32,
            MaxIters = 20,
            LearningRate = 3e-5,
            DecayLr = false,
        };
        var run = TrainingConfiguration.Parse([name], []);
        Assert.Equal(expected, run.Options);
        Assert.Empty(run.Notes);
        run.Options.ValidateRun();
        Assert.StartsWith("finetune-shakespeare, line ", run.Origins["batch_size"].Where, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ready_training_of_characters_is_nanogpts()
    {
        var expected = new TrainingOptions
        {
            OutDir = "out-shakespeare-char",
            EvalInterval = 250,
            EvalIters = 200,
            LogInterval = 10,
            AlwaysSaveCheckpoint = false,
            Data = "data/shakespeare_char",
            GradientAccumulationSteps = 1,
            BatchSize = 64,
            BlockSize = 256,
            NLayer = 6,
            NHead = 6,
            NEmbd = 384,
            Dropout = 0.2,
            LearningRate = 1e-3,
            MaxIters = 5000,
            LrDecayIters = 5000,
            MinLr = 1e-4,
            Beta2 = 0.99,
            WarmupIters = 100,
        };
        var options = TrainingConfiguration.Parse(["config/train_shakespeare_char.py"], []).Options;
        Assert.Equal(expected, options);
        options.ValidateRun();
    }

    [Theory]
    [InlineData("eval-gpt2", "gpt2")]
    [InlineData("config/eval_gpt2_medium.py", "gpt2-medium")]
    [InlineData("eval_gpt2_large", "gpt2-large")]
    [InlineData("eval-gpt2-xl", "gpt2-xl")]
    public void The_ready_evaluations_are_nanogpts(string name, string model)
    {
        var options = TrainingConfiguration.Parse([name], []).Options;
        Assert.Equal(new TrainingOptions { BatchSize = 8, EvalIters = 500, EvalOnly = true, InitFrom = model }, options);
    }

    [Fact]
    public void A_file_of_that_name_goes_before_the_ready_one()
    {
        File.WriteAllText(_directory["eval-gpt2"], "{\"seed\": 7}");
        Assert.Equal(7, TrainingConfiguration.Parse([_directory["eval-gpt2"]], []).Options.Seed);
        Assert.Equal(6, ReadyConfigurations.Names.Count);
    }

    private TrainingOptions Read(string name, string text)
    {
        File.WriteAllText(_directory[name], text);
        return TrainingConfiguration.Parse([_directory[name]], []).Options;
    }
}
