namespace PyTorchCheckpoints;

/// <summary>Which rule a file or a request broke.</summary>
public enum CheckpointErrorKind
{
    /// <summary>The file is recognised as something else (<see cref="NotACheckpointException"/>).</summary>
    NotACheckpoint,

    /// <summary>The container is damaged: a zip archive's directory or headers, or the legacy format's parts.</summary>
    InvalidContainer,

    /// <summary>The container uses a feature that checkpoints never have, such as compression, encryption or several disks.</summary>
    UnsupportedContainer,

    /// <summary>The pickle is malformed: it ends early, or an opcode meets a value that it cannot work on.</summary>
    InvalidPickle,

    /// <summary>The pickle has an opcode that checkpoints never need.</summary>
    ForbiddenOpcode,

    /// <summary>The pickle names a class or function that is not a tensor's (<see cref="ForbiddenGlobalException"/>).</summary>
    ForbiddenGlobal,

    /// <summary>A tensor's shape, stride or offset is wrong or reaches beyond its storage.</summary>
    InvalidTensor,

    /// <summary>A storage is described wrongly or in two ways, or its record is missing or of another length.</summary>
    InvalidStorage,

    /// <summary>A container contains itself.</summary>
    Cycle,

    /// <summary>One of the <see cref="CheckpointLimits"/> is exceeded.</summary>
    LimitExceeded,

    /// <summary>The file ends early, or became shorter after it was opened.</summary>
    Truncated,

    /// <summary>The file became longer after it was opened.</summary>
    ChangedDuringRead,

    /// <summary>A record's bytes do not have the checksum that the container tells.</summary>
    ChecksumMismatch,

    /// <summary>A boolean's byte is neither 0 nor 1.</summary>
    InvalidBool,

    /// <summary>There is no tensor or value of that name.</summary>
    NotFound,

    /// <summary>The file holds no state dict, or what was asked for is none.</summary>
    NoStateDict,

    /// <summary>The file holds several state dicts, and none was chosen.</summary>
    AmbiguousStateDict,

    /// <summary>A value to be written cannot be part of a checkpoint.</summary>
    InvalidValue,

    /// <summary>A tensor's source delivered fewer or more bytes than dtype and shape need.</summary>
    WrongByteCount,

    /// <summary>The file to be written exists and must not be replaced.</summary>
    TargetExists,
}
