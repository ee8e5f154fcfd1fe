namespace Importer.Cli.Output.Progress;

/// <summary>How often a log is told of progress.</summary>
internal static class Interval
{
    /// <summary>Between two lines of the same kind.</summary>
    public static readonly TimeSpan OfLines = TimeSpan.FromSeconds(5);
}
