namespace Importer.Inspection;

/// <summary>One file of a checkpoint's weights, or its index.</summary>
/// <param name="Name">Its name within the directory.</param>
/// <param name="Size">Its length in bytes.</param>
public sealed record InspectedFile(string Name, long Size);
