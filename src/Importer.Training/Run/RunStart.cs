using CheckpointStorage;
using Importer.Models;
using Importer.Sources;
using Importer.Training.Checkpoints;

namespace Importer.Training;

/// <summary>What a run begins with.</summary>
internal sealed record RunStart
{
    /// <summary>The run's settings: what was given, and for the rest what the checkpoint has.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>The model's shape, cropped to the block size that was asked for; null from scratch, where the data has a say.</summary>
    public ModelConfig? Config { get; init; }

    /// <summary>The pretrained model, or nanoGPT's checkpoint; null for others.</summary>
    public LocatedModel? Pretrained { get; init; }

    /// <summary>Whether <see cref="Pretrained"/> is a checkpoint of nanoGPT that is resumed.</summary>
    public bool IsNanoGpt { get; init; }

    /// <summary>Whether the run begins with first weights of its own.</summary>
    public bool IsScratch => Checkpoint is null && Pretrained is null && !IsReceived;

    /// <summary>Whether rank 0 knows what this rank begins with, and sends it.</summary>
    public bool IsReceived { get; init; }

    /// <summary>How far nanoGPT was.</summary>
    public long NanoGptStep { get; init; }

    /// <summary>Updates that are made already.</summary>
    public long FirstStep => Record?.State.Step ?? NanoGptStep;

    /// <summary>The weights that the run began with; null from scratch.</summary>
    public BaseWeights? Base { get; init; }

    /// <summary>The checkpoint that is resumed.</summary>
    public CheckpointInfo? Checkpoint { get; init; }

    /// <summary>What the checkpoint says.</summary>
    public TrainerRecord? Record { get; init; }

    /// <summary>Where the model's tokenizer is; null where there is none.</summary>
    public string? TokenizerDirectory { get; init; }

    /// <summary>In words, for a plan.</summary>
    public string Description => (Checkpoint, IsNanoGpt, Pretrained) switch
    {
        ({ } checkpoint, _, _) => $"resume {checkpoint.Id}",
        (_, true, { } file) => $"resume nanoGPT's {DisplayText.Escape(file.Path)}",
        (_, _, { } located) => $"weights of {DisplayText.Escape(located.Id ?? located.Path)}",
        _ => "scratch",
    };
}
