using System.Globalization;

namespace CheckpointStorage;

/// <summary>The disk has less room than the checkpoints of a run will take.</summary>
public sealed class InsufficientDiskSpaceException : CheckpointException
{
    internal InsufficientDiskSpaceException(string directory, DiskSpaceReport report)
        : base(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{IO.DisplayText.Escape(directory)}: the checkpoints will need {report.RequiredBytes / 1e6:N1} MB more and {report.AvailableBytes / 1e6:N1} MB are free"),
            "Free some space, keep fewer checkpoints, choose another directory, or turn the check off.")
    {
        Directory = directory;
        Report = report;
    }

    /// <summary>The store's directory.</summary>
    public string Directory { get; }

    /// <summary>The figures.</summary>
    public DiskSpaceReport Report { get; }
}
