namespace Importer.Training;

/// <summary>A name and a value as they were written.</summary>
/// <param name="Name">The name, as written.</param>
/// <param name="Text">The value's text; null for an option of the command line without one.</param>
/// <param name="Where">Where it was written.</param>
/// <param name="IsLiteral">Whether the value is JSON's or Python's true, false or null, which is no text.</param>
internal sealed record RawSetting(string Name, string? Text, string Where, bool IsLiteral = false);
