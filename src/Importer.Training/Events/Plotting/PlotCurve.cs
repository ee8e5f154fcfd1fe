namespace Importer.Training.Events;

/// <summary>A curve in a panel.</summary>
/// <param name="Run">The run's number, which has a colour.</param>
/// <param name="Name">What it is.</param>
/// <param name="HasMarks">Whether its points are marked and its line is broken: evaluations.</param>
/// <param name="Points">The points.</param>
internal sealed record PlotCurve(int Run, string Name, bool HasMarks, IReadOnlyList<PlotPoint> Points);
