namespace Importer.Inspection.Comparison;

/// <summary>A field in which two configurations differ.</summary>
/// <param name="Field">The field, joined by dots where it is a field's field.</param>
/// <param name="A">Its value in the first, as JSON; null where it has none.</param>
/// <param name="B">Its value in the second, as JSON; null where it has none.</param>
/// <param name="Counts">
/// Whether it makes the checkpoints different. What only tells how a file came to be does not (<c>transformers_version</c>,
/// <c>torch_dtype</c>, …), nor a default that only one spells out, nor, between two layouts, what only one of them writes.
/// </param>
public sealed record ConfigDifference(string Field, string? A, string? B, bool Counts);
