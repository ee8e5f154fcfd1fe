namespace Importer.Training.Data;

/// <summary>What tokens were made of.</summary>
/// <param name="Name">The name of the file or directory, without its path.</param>
/// <param name="Files">How many files were read.</param>
/// <param name="Bytes">Their length together.</param>
/// <param name="Characters">The characters (Unicode code points) of their text.</param>
/// <param name="Documents">How many documents they held.</param>
/// <param name="Sha256">The SHA-256 of the file; of a directory, of its files' names and contents.</param>
/// <param name="Field">The field of JSON lines that was read; null where there are none.</param>
public sealed record DatasetSource(string Name, int Files, long Bytes, long Characters, long Documents, string Sha256, string? Field);
