namespace Importer.Conversion;

/// <summary>One file of an import.</summary>
/// <param name="Name">Its name within the directory.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Sha256">The SHA-256 of its bytes, lower-case hex.</param>
public sealed record ImportFile(string Name, long Size, string Sha256);
