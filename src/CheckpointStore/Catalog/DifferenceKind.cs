namespace CheckpointStorage;

/// <summary>Where two checkpoints differ.</summary>
public enum DifferenceKind
{
    /// <summary>In what every checkpoint has: step, epoch, metric, parent.</summary>
    Checkpoint,

    /// <summary>In a setting of the configuration.</summary>
    Configuration,

    /// <summary>In a value of the metadata.</summary>
    Metadata,

    /// <summary>In a file.</summary>
    File,
}
