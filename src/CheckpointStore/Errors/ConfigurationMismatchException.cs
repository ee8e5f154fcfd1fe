namespace CheckpointStorage;

/// <summary>A checkpoint belongs to another configuration.</summary>
public sealed class ConfigurationMismatchException : CheckpointException
{
    internal ConfigurationMismatchException(string id, IReadOnlyList<CheckpointDifference> differences)
        : base(
            $"The checkpoint {IO.DisplayText.Escape(id)} is of another configuration (checkpoint -> wanted):{Lines(differences.Select(d => d.ToString()))}\nNothing of it was loaded",
            "Use the checkpoint's settings, or another directory for the other configuration.")
    {
        Id = id;
        Differences = differences;
    }

    /// <summary>The checkpoint.</summary>
    public string Id { get; }

    /// <summary>Every setting that differs: <see cref="CheckpointDifference.First"/> is the checkpoint's.</summary>
    public IReadOnlyList<CheckpointDifference> Differences { get; }
}
