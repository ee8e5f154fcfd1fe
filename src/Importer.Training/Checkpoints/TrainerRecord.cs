using System.Text.Json;
using System.Text.Json.Nodes;
using Importer.Training.Data;

namespace Importer.Training.Checkpoints;

/// <summary>The trainer.json of a checkpoint: with the tensors, all that it takes to go on bit for bit.</summary>
internal sealed record TrainerRecord
{
    public const string CurrentFormat = "training-checkpoint/1";

    public required string Format { get; init; }

    /// <summary>Why it was saved: <c>interval</c>, <c>best</c>, <c>signal</c> and the like.</summary>
    public string Reason { get; init; } = "";

    public required TrainingState State { get; init; }

    /// <summary>Every setting of the run, as <see cref="TrainingOptions.ToJson"/> has it.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>The arguments of the process that saved it.</summary>
    public IReadOnlyList<string> CommandLine { get; init; } = [];

    public required RunEnvironment Environment { get; init; }

    /// <summary>Null for data that was not opened from a file.</summary>
    public DatasetFingerprint? Data { get; init; }

    /// <summary>Which <see cref="FixedBatchLoss"/> the loss below is: the last evaluated set's name.</summary>
    public string? FixedBatchOf { get; init; }

    /// <summary>The loss of one fixed batch with these weights.</summary>
    public double? FixedBatchLoss { get; init; }

    /// <summary>Null for a run from scratch.</summary>
    public BaseWeights? Base { get; init; }

    /// <summary>The same for all checkpoints of a run, through all its processes.</summary>
    public required string RunId { get; init; }

    /// <summary>The checkpoint that this process went on from.</summary>
    public string? ParentId { get; init; }

    /// <summary>What observers keep, by their names: how long their files were.</summary>
    public JsonObject Observers { get; init; } = [];

    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, TrainerRecordContext.Default.TrainerRecord);

    /// <summary>Reads a record whose bytes were verified.</summary>
    /// <exception cref="CheckpointContentException">It is no record, or a later version's.</exception>
    public static TrainerRecord Parse(ReadOnlySpan<byte> utf8, string path)
    {
        try
        {
            var record = JsonSerializer.Deserialize(utf8, TrainerRecordContext.Default.TrainerRecord)
                ?? throw new CheckpointContentException(path, "it is null");
            return record.Format == CurrentFormat
                ? record
                : throw new CheckpointContentException(path, $"its format is {DisplayText.Escape(record.Format)}, and this version reads {CurrentFormat}");
        }
        catch (JsonException e)
        {
            throw new CheckpointContentException(path, DisplayText.Escape(e.Message), e);
        }
    }
}
