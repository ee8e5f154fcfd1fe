namespace Importer.Inspection.Verification;

/// <summary>What is wrong with a checkpoint on disk.</summary>
public enum VerificationProblemKind
{
    /// <summary>A file that should be there is not.</summary>
    Missing,

    /// <summary>A file has another length than it should.</summary>
    Size,

    /// <summary>A file has other content than it should: its hash or checksum is another.</summary>
    Content,

    /// <summary>A file is not valid in itself: a header, an index, a configuration, a manifest.</summary>
    Format,

    /// <summary>Files contradict each other.</summary>
    Inconsistent,

    /// <summary>The weights do not fit the configuration, or no model here computes them.</summary>
    Mismatch,

    /// <summary>Values are NaN or infinite.</summary>
    Values,

    /// <summary>A file may not be read, or the disk fails.</summary>
    Unreadable,
}
