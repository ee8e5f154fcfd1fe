using System.Text.Json;

namespace Importer.Mapping.Language;

/// <summary>A value of a JSON document that knows where it stands, so that every later error can say so.</summary>
internal sealed class JsonItem
{
    internal required JsonValueKind Kind { get; init; }

    /// <summary>Where its first byte is in the document.</summary>
    internal required int Offset { get; init; }

    /// <summary>The text of a string, unescaped, or of a number, as written.</summary>
    internal string Text { get; init; } = "";

    /// <summary>The elements of an array.</summary>
    internal List<JsonItem> Items { get; } = [];

    /// <summary>The members of an object, in order.</summary>
    internal List<JsonMember> Members { get; } = [];

    internal string Description => Kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "null",
    };
}
