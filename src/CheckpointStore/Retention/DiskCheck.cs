namespace CheckpointStorage;

/// <summary>What too little space on the disk is.</summary>
public enum DiskCheck
{
    /// <summary>A reason not to begin.</summary>
    Error,

    /// <summary>A warning in the log.</summary>
    Warn,

    /// <summary>Not asked.</summary>
    Off,
}
