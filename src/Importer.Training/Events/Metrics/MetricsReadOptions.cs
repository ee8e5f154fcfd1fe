namespace Importer.Training.Events;

/// <summary>Limits of <see cref="MetricsFile.Read"/> against a file that is none of a run's.</summary>
public sealed class MetricsReadOptions
{
    /// <summary>The longest line that is read, in bytes. <value>The default is 64 KiB.</value></summary>
    public int MaxLineBytes { get; init; } = 1 << 16;

    /// <summary>The most lines that are read. <value>The default is 10 million.</value></summary>
    public int MaxLines { get; init; } = 10_000_000;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxLineBytes, 1, nameof(MaxLineBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxLines, 1, nameof(MaxLines));
    }
}
