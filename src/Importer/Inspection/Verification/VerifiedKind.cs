namespace Importer.Inspection.Verification;

/// <summary>What was verified, and so against what.</summary>
public enum VerifiedKind
{
    /// <summary>A directory that an import made: every file against its manifest's hash.</summary>
    Import,

    /// <summary>A snapshot in the hub's cache: every file against the hash by which its blob is named.</summary>
    Snapshot,

    /// <summary>Any other checkpoint: containers against their own rules and checksums.</summary>
    Checkpoint,
}
