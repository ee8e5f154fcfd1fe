namespace Importer.Training.Tests.Configuration;

public sealed class AliasTests
{
    [Fact]
    public void Every_alias_means_a_setting_and_no_name_has_two_meanings()
    {
        Assert.All(SettingAliases.Plain.Values, name => Assert.Contains(name, Setting.ByName));
        var names = SettingAliases.AllNames.ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    [Fact]
    public void A_command_line_of_transformers_trainer_is_understood()
    {
        var run = TrainingConfiguration.Parse([],
        [
            "--output_dir", "runs/a", "--overwrite_output_dir", "--per_device_train_batch_size", "4", "--gradient_accumulation_steps", "8", "--num_train_epochs", "3",
            "--learning_rate", "5e-5", "--warmup_steps", "100", "--weight_decay", "0.01", "--max_grad_norm", "1.0", "--adam_beta2", "0.999", "--logging_steps", "10",
            "--eval_steps", "500", "--save_steps", "500", "--save_total_limit", "3", "--lr_scheduler_type", "cosine", "--bf16", "True", "--seed", "42", "--fp16", "False",
            "--save_strategy", "steps", "--report_to", "wandb", "--load_best_model_at_end",
        ]);
        var expected = new TrainingOptions
        {
            OutDir = "runs/a",
            Overwrite = true,
            BatchSize = 4,
            GradientAccumulationSteps = 8,
            Epochs = 3,
            LearningRate = 5e-5,
            WarmupIters = 100,
            WeightDecay = 0.01,
            GradClip = 1,
            Beta2 = 0.999,
            LogInterval = 10,
            EvalInterval = 500,
            SaveInterval = "500",
            KeepLast = 3,
            DecayLr = true,
            Dtype = "bfloat16",
            Seed = 42,
            MinLr = run.Options.MinLr,
        };
        Assert.Equal(expected, run.Options);
        Assert.Equal(5e-6, run.Options.MinLr, 12);
        Assert.Contains("report_to has no effect: a run writes metrics.jsonl and TensorBoard's files", run.Notes);
        Assert.Equal("save_steps", run.Origins["save_interval"].WrittenAs);
        run.Options.Validate();
    }

    [Fact]
    public void A_command_line_of_minimind_is_understood()
    {
        var run = TrainingConfiguration.Parse([],
        [
            "--save_dir", "../out", "--save_weight", "full_sft", "--epochs", "2", "--batch_size", "16", "--learning_rate", "1e-3", "--device", "cuda:0", "--dtype", "bfloat16",
            "--num_workers", "8", "--accumulation_steps", "1", "--grad_clip", "1.0", "--log_interval", "100", "--save_interval", "1000", "--hidden_size", "512",
            "--num_hidden_layers", "8", "--max_seq_len", "340", "--use_moe", "0", "--data_path", "sft.jsonl", "--from_weight", "out/pretrain", "--from_resume", "1", "--use_wandb", "--use_compile", "0",
        ]);
        var expected = new TrainingOptions
        {
            OutDir = "../out",
            Epochs = 2,
            BatchSize = 16,
            LearningRate = 1e-3,
            Device = "cuda:0",
            Dtype = "bfloat16",
            GradientAccumulationSteps = 1,
            LogInterval = 100,
            SaveInterval = "1000",
            NEmbd = 512,
            NLayer = 8,
            BlockSize = 340,
            Data = "sft.jsonl",
            InitFrom = "auto",
            AutoInitFrom = "out/pretrain",
        };
        Assert.Equal(expected, run.Options);
        run.Options.ValidateRun();
    }

    [Theory]
    [InlineData("--from_weight=none", "scratch", "scratch")]
    [InlineData("--from_resume=0", "scratch", "scratch")]
    [InlineData("--from_resume", "auto", "scratch")]
    [InlineData("--from_resume=1 --from_weight=gpt2", "auto", "gpt2")]
    [InlineData("--from_weight=gpt2 --from_resume=1", "auto", "gpt2")]
    [InlineData("--from_resume=1 --from_resume=0", "scratch", "scratch")]
    [InlineData("--init_from=resume --from_resume=1", "resume", "scratch")]
    public void What_a_run_begins_with_in_miniminds_words(string args, string initFrom, string autoInitFrom)
    {
        var options = TrainingConfiguration.Parse([], args.Split(' ')).Options;
        Assert.Equal((initFrom, autoInitFrom), (options.InitFrom, options.AutoInitFrom));
    }

    [Theory]
    [InlineData("True", "resume", "latest")]
    [InlineData("latest", "resume", "latest")]
    [InlineData("best", "resume", "best")]
    [InlineData("out/step-00000100", "resume", "out/step-00000100")]
    [InlineData("False", "scratch", null)]
    [InlineData("None", "scratch", null)]
    public void Resuming_in_trainers_words(string value, string initFrom, string? resumeFrom)
    {
        var options = TrainingConfiguration.Parse([], ["--resume_from_checkpoint", value]).Options;
        Assert.Equal((initFrom, resumeFrom), (options.InitFrom, options.ResumeFrom));
        options.Validate();
    }

    [Theory]
    [InlineData("--bf16 --bf16=false", "dtype", "float32")]
    [InlineData("--dtype=bfloat16 --bf16=false", "dtype", "bfloat16")]
    [InlineData("--bf16 --dtype=bfloat16 --bf16=false", "dtype", "bfloat16")]
    [InlineData("--device=cuda:1 --use_cpu --use_cpu=True --use_cpu=False", "device", "cuda:1")]
    [InlineData("--no_cuda --no_cuda=0", "device", "auto")]
    [InlineData("--resume_from_checkpoint=best --resume_from_checkpoint=False", "init_from", "scratch")]
    [InlineData("--init_from=gpt2 --resume_from_checkpoint=a/b --resume_from_checkpoint=None", "init_from", "gpt2")]
    [InlineData("--resume_from_checkpoint=best --resume_from_checkpoint=False", "resume_from", null)]
    [InlineData("--max_steps=10 --max_steps=-1", "max_iters", null)]
    [InlineData("--save_strategy=best --save_strategy=steps", "always_save_checkpoint", true)]
    public void A_later_no_takes_back_an_earlier_yes(string args, string name, object? value)
    {
        var run = TrainingConfiguration.Parse([], args.Split(' '));
        Assert.Equal(value, Setting.ByName[name].Get(run.Options));
        Assert.Equal(!Equals(value, Setting.ByName[name].Get(new TrainingOptions())) || args.Contains("--dtype", StringComparison.Ordinal), run.Origins.ContainsKey(name));
    }

    [Theory]
    [InlineData("--dataset=shakespeare_char", "data", "data/shakespeare_char")]
    [InlineData("--dataset=my/own", "data", "my/own")]
    [InlineData("--dataset_path=x", "data", "x")]
    [InlineData("--lr_scheduler_type=constant", "decay_lr", false)]
    [InlineData("--save_strategy=best", "always_save_checkpoint", false)]
    [InlineData("--use_cpu", "device", "cpu")]
    [InlineData("--no_cuda=True", "device", "cpu")]
    [InlineData("--resume-step=100", "init_from", "resume")]
    public void Other_words_are_translated(string arg, string name, object value) =>
        Assert.Equal(value, Setting.ByName[name].Get(TrainingConfiguration.Parse([], [arg]).Options));

    [Theory]
    [InlineData("--fp16", "fp16")]
    [InlineData("--lr_scheduler_type=polynomial", "lr_scheduler_type")]
    [InlineData("--save_steps=0.1", "save_steps")]
    [InlineData("--save_strategy=epoch", "save_strategy")]
    [InlineData("--use_moe=1", "use_moe")]
    [InlineData("--bf16=maybe", "bf16")]
    [InlineData("--from_resume=perhaps", "from_resume")]
    public void What_is_not_there_is_refused_by_its_own_name(string arg, string name) =>
        Assert.Equal([name], Assert.Throws<TrainingConfigurationException>(() => TrainingConfiguration.Parse([], [arg])).Names);
}
