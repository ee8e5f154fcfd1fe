namespace Importer.Export;

/// <summary>One file of an export.</summary>
/// <param name="Name">Its name within the directory.</param>
/// <param name="Size">Its length in bytes.</param>
public sealed record ExportedFile(string Name, long Size);
