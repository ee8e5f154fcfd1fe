namespace HuggingFace.Hub.Client;

/// <summary>Options for the download of a repository's files.</summary>
public sealed class HubSnapshotOptions : HubDownloadOptions
{
    /// <summary>
    /// Which files: shell patterns as Python's <c>fnmatch</c> has them (case counts, <c>*</c> crosses <c>/</c>, a trailing <c>/</c> is
    /// everything below). Default: all.
    /// </summary>
    public IReadOnlyList<string>? AllowPatterns { get; init; }

    /// <summary>Which of those not. Default: none.</summary>
    public IReadOnlyList<string>? IgnorePatterns { get; init; }
}
