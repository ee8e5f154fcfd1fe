namespace Importer.Conversion;

/// <summary>Where an import came from.</summary>
/// <param name="Id">The directory that was imported, or the hub's id of the model.</param>
/// <param name="Revision">The commit on the hub; null for a directory.</param>
/// <param name="Files">The files that were read, with their hashes.</param>
public sealed record ImportSource(string Id, string? Revision, IReadOnlyList<ImportFile> Files);
