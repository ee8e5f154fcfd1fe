namespace Importer.Conversion;

/// <summary>The table that an import applied.</summary>
/// <param name="Family">The model family, such as <c>gpt2</c>.</param>
/// <param name="Version">The table's version.</param>
/// <param name="Prefix">The prefix that the source's keys had.</param>
public sealed record ImportMapping(string Family, string Version, string Prefix);
