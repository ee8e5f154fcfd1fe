namespace CheckpointStorage;

/// <summary>The stages of a save, in order.</summary>
public enum SaveStage
{
    /// <summary>Files are written and hashed.</summary>
    Writing,

    /// <summary>The manifest is written, and the directory appears under its name.</summary>
    Publishing,

    /// <summary>Everything is read back from the disk and compared.</summary>
    Verifying,

    /// <summary>Pointers are updated and old checkpoints removed.</summary>
    Rotating,

    /// <summary>Done.</summary>
    Done,
}
