namespace HuggingFace.Hub.Client;

/// <summary>A step of a download: the file that moved, and the totals of the whole selection.</summary>
public readonly record struct HubProgress
{
    /// <summary>The file that this step is about, as its path in the repository.</summary>
    public required string Path { get; init; }

    /// <summary>What is being done with it.</summary>
    public required HubFileState State { get; init; }

    /// <summary>How many of its bytes are there, those of an earlier, interrupted download included.</summary>
    public required long FileBytes { get; init; }

    /// <summary>Its size in bytes; null while the server has not told.</summary>
    public required long? FileSize { get; init; }

    /// <summary>How many bytes of the selection are there.</summary>
    public required long TotalBytes { get; init; }

    /// <summary>The size of the selection in bytes; null while a size is not known.</summary>
    public required long? TotalSize { get; init; }

    /// <summary>How many bytes this call has received.</summary>
    public required long ReceivedBytes { get; init; }

    /// <summary>How many files are done.</summary>
    public required int FilesDone { get; init; }

    /// <summary>How many files the selection has.</summary>
    public required int FilesTotal { get; init; }

    /// <summary>The rate of the last few seconds.</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>The time left at that rate; null while it cannot be told.</summary>
    public TimeSpan? TimeLeft =>
        TotalSize is { } size && BytesPerSecond > 1
            ? TimeSpan.FromSeconds(Math.Min((size - TotalBytes) / BytesPerSecond, TimeSpan.MaxValue.TotalSeconds / 2))
            : null;
}
