using Importer.Mapping;

namespace Importer.Export;

/// <summary>The end of an export.</summary>
/// <param name="Outcome">What was found and done.</param>
/// <param name="Directory">The directory that was made.</param>
/// <param name="Format">The layout.</param>
/// <param name="Files">What is in it.</param>
/// <param name="Plan">The plan that was carried out.</param>
/// <param name="Parameters">The number of parameters, a tied head counted once.</param>
/// <param name="Notes">What the layout cannot express, what was added, what may be lost: one sentence each.</param>
/// <param name="Elapsed">From the call to the result.</param>
public sealed record ExportResult(
    ExportOutcome Outcome, string Directory, ExportFormat Format, IReadOnlyList<ExportedFile> Files, ExportPlan Plan, long Parameters,
    IReadOnlyList<string> Notes, TimeSpan Elapsed);
