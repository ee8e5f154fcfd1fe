namespace Importer.Training;

/// <summary>A part of the data that is evaluated.</summary>
/// <param name="Name">Its name, <c>train</c> or <c>val</c>.</param>
/// <param name="Source">Its batches.</param>
public sealed record EvaluationSet(string Name, IBatchSource Source);
