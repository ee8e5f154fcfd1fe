namespace SafeTensorSharp;

/// <summary>A file that was written.</summary>
/// <param name="Path">The file.</param>
/// <param name="BytesWritten">Its length.</param>
/// <param name="Sha256">
/// The SHA-256 of the whole file in lower-case hexadecimal; null unless <see cref="SafeTensorWriteOptions.ComputeSha256"/> was set.
/// </param>
/// <param name="Header">Its header, parsed from the bytes that were written.</param>
public sealed record SafeTensorWriteResult(string Path, long BytesWritten, string? Sha256, SafeTensorHeader Header);
