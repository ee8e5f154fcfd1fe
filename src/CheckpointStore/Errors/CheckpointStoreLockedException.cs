namespace CheckpointStorage;

/// <summary>Another run writes to the directory.</summary>
public sealed class CheckpointStoreLockedException : CheckpointException
{
    internal CheckpointStoreLockedException(string directory, IO.LockOwner? owner)
        : base(
            $"{IO.DisplayText.Escape(directory)}: another run is writing here ({owner?.ToString() ?? "who, could not be read"})",
            "Wait for it, stop it, or choose another directory; reading is possible meanwhile.")
    {
        Directory = directory;
        ProcessId = owner?.ProcessId;
        Host = owner?.Host;
    }

    /// <summary>The store's directory.</summary>
    public string Directory { get; }

    /// <summary>The process that holds it, on <see cref="Host"/>; null when unknown.</summary>
    public int? ProcessId { get; }

    /// <summary>The machine that it runs on; null when unknown.</summary>
    public string? Host { get; }
}
