namespace PyTorchCheckpoints;

/// <summary>How checkpoints are read.</summary>
public sealed class CheckpointReadOptions
{
    internal static CheckpointReadOptions Default { get; } = new();

    /// <summary>
    /// Which dictionary is the state dict: the keys that lead to it, joined by <c>/</c>, such as <c>model</c> or
    /// <c>state_dict/generator</c>; the empty text for the file's root. Null, the default, finds it: the root when it holds nothing but
    /// tensors, else what is under <c>model</c>, <c>state_dict</c>, <c>model_state_dict</c> or <c>module</c>.
    /// </summary>
    public string? StateDict { get; init; }

    /// <summary>
    /// Whether objects of unknown classes outside the state dict are let through as inert <see cref="OpaqueValue"/>s, as in checkpoints
    /// of Lightning or of transformers' Trainer. Nothing is ever looked up or called either way. False by default: they are refused.
    /// </summary>
    public bool AllowOpaque { get; init; }

    /// <summary>
    /// Whether a wrong checksum of the pickle is an error; false by default: it is told in <see cref="CheckpointHeader.Warnings"/>.
    /// <see cref="PyTorchCheckpoint.Verify"/> checks the tensors' too.
    /// </summary>
    public bool VerifyChecksums { get; init; }

    /// <summary>Bounds against hostile files; <see cref="CheckpointLimits.Default"/> by default.</summary>
    public CheckpointLimits Limits { get; init; } = CheckpointLimits.Default;

    internal static CheckpointReadOptions Validate(CheckpointReadOptions? options)
    {
        options ??= Default;
        ArgumentNullException.ThrowIfNull(options.Limits, nameof(Limits));
        options.Limits.Validate();
        return options;
    }
}
