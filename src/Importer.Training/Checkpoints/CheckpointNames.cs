namespace Importer.Training.Checkpoints;

/// <summary>The files of a training checkpoint, and what its model.safetensors says of itself.</summary>
internal static class CheckpointNames
{
    /// <summary>The weights, f32, in Linear layout under the model's names: what an import looks like, so that everything loads it.</summary>
    public const string Model = "model.safetensors";

    /// <summary>The model's configuration.</summary>
    public const string Config = "config.json";

    /// <summary>The optimizer's state by name.</summary>
    public const string Optimizer = "optimizer.safetensors";

    /// <summary>Everything else that it takes to go on: <see cref="TrainerRecord"/>.</summary>
    public const string Trainer = "trainer.json";

    /// <summary>nanoGPT's checkpoint in its out_dir.</summary>
    public const string NanoGpt = "ckpt.pt";
}
