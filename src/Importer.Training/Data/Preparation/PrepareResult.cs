namespace Importer.Training.Data;

/// <summary>The end of a preparation.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Directory">The prepared directory, as a full path.</param>
/// <param name="Meta">What is in it.</param>
/// <param name="Notes">What is worth telling, each a phrase.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record PrepareResult(PrepareOutcome Outcome, string Directory, DatasetMeta Meta, IReadOnlyList<string> Notes, TimeSpan Elapsed);
