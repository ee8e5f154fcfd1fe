namespace Importer.Mapping.Language;

/// <summary>A property of an object in a JSON document.</summary>
/// <param name="Name">Its name, unescaped.</param>
/// <param name="Offset">Where its name is in the document.</param>
/// <param name="Value">Its value.</param>
internal sealed record JsonMember(string Name, int Offset, JsonItem Value);
