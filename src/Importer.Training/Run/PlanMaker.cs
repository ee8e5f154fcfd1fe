using CheckpointStorage;
using Importer.Models;
using Importer.Training.Checkpoints;
using Importer.Training.Optimization;

namespace Importer.Training;

/// <summary>Computes what a run is going to do and to need.</summary>
internal static class PlanMaker
{
    // Weights and two moments in f32; headers and state beside them.
    private const long BytesPerParameter = 12, Overhead = 128 << 10;

    /// <summary>Plans, and checks the disk.</summary>
    /// <exception cref="TrainingConfigurationException">The micro-steps cannot be shared among so many processes.</exception>
    /// <exception cref="InsufficientDiskSpaceException">It has too little room.</exception>
    public static TrainingPlan Make(RunStart start, ModelConfig config, RunData data, CheckpointStore store, long tokenizerBytes, int worldSize, RunLog log)
    {
        var options = start.Options;
        options.ValidateWorld(worldSize);
        long? windows = data.WindowsPerEpoch(options, config.BlockSize);
        long perStep = (long)options.BatchSize * options.GradientAccumulationSteps, first = start.FirstStep;
        long done = start.Record is { } record ? RunLength.Done(record.State, windows) : first * perStep;
        var (total, _) = RunLength.Of(options, windows, first, done);
        var schedule = SaveSchedule.For(options, total);
        Check(options, schedule, total, log);
        CheckMicroStep(options, config.BlockSize);
        // Where only a better evaluation is saved, one that gets no better saves nothing.
        bool onlyBetter = schedule.Interval is null && !options.AlwaysSaveCheckpoint && data.Tokens.Val.Count > config.BlockSize;
        long left = Math.Max(0, total - first), interval = onlyBetter ? left : Math.Min(schedule.Interval ?? options.EvalInterval, left);
        long bytes = config.ParameterCount * BytesPerParameter + Overhead + tokenizerBytes;
        int atStart = options.SaveAtStart && first == 0 && start.Checkpoint is null ? 1 : 0; // a multiple of everything
        int saves = options.EvalOnly ? 0 : schedule.CountAfter(first, total, options.EvalInterval) + atStart;
        int forGood = options.KeepEvery is { } every ? schedule.CountMultiplesAfter(first, total, options.EvalInterval, every) + atStart : 0;
        double? stepSeconds = start.Record?.State is { Step: > 0 } state ? state.ElapsedSeconds / state.Step : null;
        return new TrainingPlan
        {
            Start = start.Description,
            WorldSize = worldSize,
            FirstStep = first,
            TotalSteps = total,
            Parameters = config.ParameterCount,
            WindowsDone = done,
            WindowsPerStep = perStep,
            BlockSize = config.BlockSize,
            TrainTokens = data.Tokens.Train.Count,
            ValTokens = data.Tokens.Val.Count,
            WindowsPerEpoch = windows,
            CheckpointBytes = bytes,
            Saves = saves,
            Disk = store.CheckDiskSpace(saves == 0 ? 0 : bytes, saves, saves == 0 ? 0 : forGood),
            StepsAtRisk = interval,
            SavesOnlyBetter = onlyBetter,
            TimeAtRisk = TimeAtRisk(stepSeconds * interval, options.SaveEveryMinutes * 60),
        };
    }

    // An array of more is none, here as in torch's kernels.
    private static void CheckMicroStep(TrainingOptions options, int blockSize)
    {
        if ((long)options.BatchSize * blockSize > Array.MaxLength)
        {
            throw new TrainingConfigurationException(
            [
                new ConfigurationProblem("batch_size", FormattableString.Invariant(
                    $"batch_size is {options.BatchSize}, with windows of {blockSize} tokens more than a micro-step can hold; lower it and raise gradient_accumulation_steps as much")),
            ]);
        }
    }

    private static TimeSpan? TimeAtRisk(double? byInterval, double? byClock) =>
        Math.Min(byInterval ?? double.PositiveInfinity, byClock ?? double.PositiveInfinity) is var seconds && seconds < TimeSpan.MaxValue.TotalSeconds / 2
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static void Check(TrainingOptions options, SaveSchedule schedule, long total, RunLog log)
    {
        if (options.SaveInterval is not (null or "auto") && schedule.Interval is { } interval && total >= 20 && (interval < total / 20 || interval > total / 10))
        {
            log.Warn(FormattableString.Invariant(
                $"save_interval is {interval}; for {total} updates something from {total / 20} to {total / 10} loses little in a crash and costs little time (auto: {SaveSchedule.Auto(total)})."));
        }

        // train.py's default is meant for 600,000 updates.
        if (options is { DecayLr: true, NanogptCompat: false, EvalOnly: false } && total > 0 && options.WarmupIters >= total)
        {
            log.Warn(FormattableString.Invariant(
                $"warmup_iters is {options.WarmupIters}, and the run has {total} updates: the learning rate only rises, to {LearningRateSchedule.From(options, total).At(total - 1):0.##e-0}. Lower warmup_iters, or set decay_lr to False."));
        }
    }
}
