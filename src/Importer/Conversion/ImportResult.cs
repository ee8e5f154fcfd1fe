using Importer.Mapping;

namespace Importer.Conversion;

/// <summary>The end of an import.</summary>
/// <param name="Outcome">What was found and done.</param>
/// <param name="Directory">The imported directory.</param>
/// <param name="Manifest">What the directory says about itself.</param>
/// <param name="Plan">The plan that was carried out, or would have been.</param>
/// <param name="Notes">Why something had to be done, or what is odd; for people.</param>
/// <param name="Elapsed">From the call to the result.</param>
public sealed record ImportResult(
    ImportOutcome Outcome, string Directory, ImportManifest Manifest, LoadPlan Plan, IReadOnlyList<string> Notes, TimeSpan Elapsed);
