namespace Importer.Inspection.Verification;

/// <summary>One thing that is wrong.</summary>
/// <param name="Kind">What sort of thing.</param>
/// <param name="File">The file, relative to the directory; null where no single one is concerned.</param>
/// <param name="Message">What is wrong, in one line; names that come from files are escaped.</param>
public sealed record VerificationProblem(VerificationProblemKind Kind, string? File, string Message);
