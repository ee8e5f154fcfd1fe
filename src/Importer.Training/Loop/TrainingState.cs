using System.Text.Json.Serialization;
using Importer.Training.Optimization;

namespace Importer.Training;

/// <summary>
/// Where a run is, without its tensors: with those of <see cref="Trainer.ModelTensors"/> and <see cref="Trainer.OptimizerTensors"/>
/// all that it takes to go on bit for bit. It is plain data, made for JSON.
/// </summary>
public sealed record TrainingState
{
    /// <summary>Updates that were made; the next one has this number, from 0.</summary>
    public required long Step { get; init; }

    /// <summary>Windows that were learned from: the sampler's position.</summary>
    public required long SamplesSeen { get; init; }

    /// <summary>Tokens that were learned from.</summary>
    public required long TokensSeen { get; init; }

    /// <summary>Passes over the data, with fraction; 0 where the data has no such number.</summary>
    public double Epoch { get; init; }

    /// <summary>The seed of everything random.</summary>
    public required long Seed { get; init; }

    /// <summary>The length that the run was planned with, in updates.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>The learning rate's schedule.</summary>
    public required LearningRateSchedule Schedule { get; init; }

    /// <summary>The lowest validation loss; null before the first evaluation.</summary>
    public double? BestLoss { get; init; }

    /// <summary>Updates before the evaluation that found <see cref="BestLoss"/>.</summary>
    public long? BestStep { get; init; }

    /// <summary>Evaluations since then: what early stopping counts.</summary>
    public int EvaluationsSinceBest { get; init; }

    /// <summary>Updates before the last evaluation; null where there was none.</summary>
    public long? LastEvaluatedStep { get; init; }

    /// <summary>The last evaluation's losses, by the sets' names.</summary>
    public IReadOnlyDictionary<string, double> LastLosses { get; init; } = new Dictionary<string, double>();

    /// <summary>The last update's loss; null before the first.</summary>
    public double? LastLoss { get; init; }

    /// <summary>A running mean of the updates' losses, each weighing a tenth; null before the first.</summary>
    public double? RunningLoss { get; init; }

    /// <summary>The time that the run has taken, over all its processes, in seconds.</summary>
    public double ElapsedSeconds { get; init; }

    /// <summary>The state of torch's generator on the CPU; matters where something other than the trainer draws from it.</summary>
    public byte[] RandomState { get; init; } = [];

    /// <summary>First tokens of windows that were drawn and not yet learned from: nanoGPT's prefetched batch. Empty otherwise.</summary>
    public IReadOnlyList<long> PendingOffsets { get; init; } = [];

    /// <summary>
    /// Where the ranks from 1 on stand that draw for themselves, in nanoGPT's way; null elsewhere. A run that goes on with as many processes
    /// gives each its own back.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RankState>? Ranks { get; init; }
}
