namespace Importer.Training.Data;

/// <summary>One of the two files of a data set.</summary>
/// <param name="Tokens">How many tokens it has.</param>
/// <param name="Sha256">The SHA-256 of the file, in lower-case hex.</param>
public sealed record DatasetSplit(long Tokens, string Sha256);
