namespace CheckpointStorage;

/// <summary>What can be wrong with a checkpoint.</summary>
public enum CheckpointProblemKind
{
    /// <summary>The manifest is missing, cut or changed.</summary>
    BadManifest,

    /// <summary>The manifest is of a later version of the format; that is no damage.</summary>
    LaterVersion,

    /// <summary>A file is not there.</summary>
    Missing,

    /// <summary>A file has another length.</summary>
    WrongLength,

    /// <summary>A file has other bytes.</summary>
    WrongHash,

    /// <summary>The disk fails to read it.</summary>
    Unreadable,

    /// <summary>The caller's own check refuses it.</summary>
    Rejected,
}
