namespace Importer.Training;

/// <summary>A line of a run's log.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Text">One line; names in it are escaped.</param>
public sealed record RunMessage(RunMessageKind Kind, string Text);
