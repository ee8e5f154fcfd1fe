using System.Globalization;
using Importer.Training.Sampling;

namespace Importer.Training;

public sealed partial record TrainingOptions
{
    /// <summary>Checks every setting by itself and those that must agree, and names all that are wrong.</summary>
    /// <remarks>What is null is decided elsewhere and not checked here: by a checkpoint, by the data, or by another setting.</remarks>
    /// <exception cref="TrainingConfigurationException">Settings are out of range or contradict each other.</exception>
    public void Validate() => Throw(Problems());

    /// <summary>Checks what <see cref="Validate"/> does, and that there is something to train on; a resumed run knows its data.</summary>
    /// <exception cref="TrainingConfigurationException">Settings are missing, out of range or contradict each other.</exception>
    public void ValidateRun()
    {
        var problems = Problems();
        if (Data.Length == 0 && InitFrom != "resume")
        {
            problems.Add(NoData());
        }

        Throw(problems);
    }

    /// <summary>Checks that the micro-steps of an update can be shared among processes, as nanoGPT asks for.</summary>
    /// <param name="worldSize">How many processes.</param>
    internal void ValidateWorld(int worldSize)
    {
        if (GradientAccumulationSteps % worldSize != 0)
        {
            throw new TrainingConfigurationException(
            [
                new ConfigurationProblem("gradient_accumulation_steps", string.Create(CultureInfo.InvariantCulture,
                    $"gradient_accumulation_steps is {GradientAccumulationSteps}, which the world size of {worldSize} does not divide; each process makes as many micro-steps of an update")),
            ]);
        }
    }

    /// <summary>Checks what a checkpoint of nanoGPT's asks for, which does not say what it was trained on.</summary>
    /// <param name="step">Where it is.</param>
    internal void ValidateNanoGpt(long step)
    {
        var problems = Problems();
        if (Data.Length == 0)
        {
            problems.Add(NoData());
        }

        if ((ResumeStep is { } other && other != step) || ResumeEpoch is not null)
        {
            string name = ResumeStep is null ? "resume_epoch" : "resume_step";
            problems.Add(new ConfigurationProblem(
                name, string.Create(CultureInfo.InvariantCulture, $"{name} is {(object?)ResumeStep ?? ResumeEpoch}, and the only checkpoint is nanoGPT's ckpt.pt of step {step}; leave it out")));
        }

        Throw(problems);
    }

    private static ConfigurationProblem NoData() => new("data", "data is needed: a text, JSON lines, or a directory with train.bin and val.bin");

    private static void Throw(List<ConfigurationProblem> problems)
    {
        if (problems.Count > 0)
        {
            throw new TrainingConfigurationException(problems);
        }
    }

    private List<ConfigurationProblem> Problems()
    {
        var check = new OptionChecks();
        check.Text("init_from", InitFrom);
        check.Text("auto_init_from", AutoInitFrom);
        check.When(
            AutoInitFrom is "auto" or "resume", "auto_init_from",
            $"auto_init_from is '{AutoInitFrom}', and it says what to begin with where nothing can be resumed; choose scratch, a hub id or a directory");
        check.Text("out_dir", OutDir);
        check.Given("data", Data);
        check.AtLeast("n_layer", NLayer, 1);
        check.AtLeast("n_head", NHead, 1);
        check.AtLeast("n_embd", NEmbd, 1);
        check.AtLeast("block_size", BlockSize, 1);
        check.AtLeast("vocab_size", VocabSize, 1);
        check.Range("dropout", Dropout, 0, 1);
        check.AtLeast("batch_size", BatchSize, 1);
        check.AtLeast("gradient_accumulation_steps", GradientAccumulationSteps, 1);
        check.OneOf("sampler", Sampler, WindowSampler.Names);
        check.AtLeast("max_iters", MaxIters, 0);
        check.Positive("epochs", Epochs);
        check.Positive("stop_after_epochs", StopAfterEpochs);
        check.Positive("max_minutes", MaxMinutes);
        check.AtLeast("early_stopping_patience", EarlyStoppingPatience, 1);
        check.AtLeast("learning_rate", LearningRate, 0);
        check.AtLeast("weight_decay", WeightDecay, 0);
        check.Range("beta1", Beta1, 0, 1);
        check.Range("beta2", Beta2, 0, 1);
        check.AtLeast("grad_clip", GradClip, 0);
        check.AtLeast("warmup_iters", WarmupIters, 0);
        check.AtLeast("lr_decay_iters", LrDecayIters, 0);
        check.AtLeast("min_lr", MinLr, 0);
        check.AtLeast("eval_interval", EvalInterval, 1);
        check.AtLeast("eval_iters", EvalIters, 1);
        check.AtLeast("log_interval", LogInterval, 1);
        check.When(!IsDevice(Device), "device", $"device is '{Device}'; choose auto, cpu, cuda or cuda:N");
        check.OneOf("dtype", Dtype, ["float32", "bfloat16"]);
        check.AtLeast("threads", Threads, 1);
        check.When(
            SaveInterval is not (null or "auto") && !(SettingValue.Integer(SaveInterval) >= 1), "save_interval",
            $"save_interval is '{SaveInterval}'; give a number of updates from 1 on, or auto");
        check.Positive("save_every_minutes", SaveEveryMinutes);
        check.AtLeast("save_interval_min", SaveIntervalMin, 1);
        check.AtLeast("keep_last", KeepLast, 1);
        check.AtLeast("keep_every", KeepEvery, 1);
        check.AtLeast("keep_best", KeepBest, 0);
        check.OneOf("on_save_error", OnSaveError, ["retry", "continue", "stop"]);
        check.OneOf("disk_check", DiskCheck, ["error", "warn", "off"]);
        check.AtLeast("resume_step", ResumeStep, 0);
        check.AtLeast("resume_epoch", ResumeEpoch, 0);
        check.When(ResumeFrom?.Length == 0, "resume_from", "resume_from is empty; give latest, best, an id or a path");
        check.OneOf("lr_schedule_on_extend", LrScheduleOnExtend, ["keep", "rescale", "constant"]);
        CheckTogether(check);
        return check.Problems;
    }

    private void CheckTogether(OptionChecks check)
    {
        check.When(
            NEmbd is { } width && NHead is { } heads && heads > 0 && width % heads != 0, "n_embd",
            string.Create(CultureInfo.InvariantCulture, $"n_embd is {NEmbd}, which the {NHead} heads of n_head do not divide"));
        check.When(
            DecayLr && MinLr > LearningRate && !NanogptCompat, "min_lr",
            string.Create(CultureInfo.InvariantCulture, $"min_lr is {MinLr}, more than the learning_rate of {LearningRate} that falls to it; lower it, or set decay_lr to False"));
        check.When(MaxIters is not null && Epochs is not null, "epochs", "epochs and max_iters both say how long the run is; give one");
        string[] resumes = [.. new[] { (ResumeFrom is not null, "resume_from"), (ResumeStep is not null, "resume_step"), (ResumeEpoch is not null, "resume_epoch") }
            .Where(given => given.Item1).Select(given => given.Item2)];
        check.When(resumes.Length > 1, "resume_from", $"{string.Join(" and ", resumes)} each say which checkpoint to resume from; give one");
        check.When(
            resumes.Length > 0 && InitFrom is not ("resume" or "auto"), resumes.FirstOrDefault(""),
            $"{resumes.FirstOrDefault()} is given, but init_from is '{InitFrom}', which resumes nothing; use resume or auto");
        check.When(
            NanogptCompat && (Epochs ?? StopAfterEpochs) is not null, "nanogpt_compat",
            "nanogpt_compat draws windows at random, as nanoGPT does, so epochs and stop_after_epochs mean nothing with it; use max_iters");
    }

    private static bool IsDevice(string device) => device is "auto" or "cpu" or "cuda"
        || (device.StartsWith("cuda:", StringComparison.Ordinal) && ushort.TryParse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out _));
}
