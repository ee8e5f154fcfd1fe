using System.Text.Json;
using System.Text.Json.Nodes;

namespace Importer.Sources;

/// <summary>Looks into JSON whose names and strings may hold what is no Unicode, at which System.Text.Json throws.</summary>
internal static class JsonFields
{
    /// <summary>The value under a name, the last where there are several; null where there is none.</summary>
    public static JsonElement? Find(JsonElement parent, ReadOnlySpan<char> name)
    {
        try
        {
            return parent.TryGetProperty(name, out JsonElement value) ? value : null;
        }
        catch (InvalidOperationException)
        {
            // One of the names holds an escaped surrogate without its partner; that one is not the name looked for.
            JsonElement? found = null;
            foreach (JsonProperty property in parent.EnumerateObject())
            {
                found = IsNamed(property, name) ? property.Value : found;
            }

            return found;
        }
    }

    /// <summary>The text of a string; null where it holds an escaped surrogate without its partner.</summary>
    public static string? TryGetText(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The value as a node that can be written: a string that is no Unicode becomes what stands between its quotes.</summary>
    public static JsonNode? ToNode(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => new JsonObject(value.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, ToNode(property.Value)))),
        JsonValueKind.Array => new JsonArray([.. value.EnumerateArray().Select(ToNode)]),
        JsonValueKind.String => TryGetText(value) ?? value.GetRawText()[1..^1],
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => JsonValue.Create(value.Clone()),
    };

    /// <summary>The value on one line.</summary>
    public static string ToText(JsonElement value) => ToNode(value)?.ToJsonString() ?? "null";

    private static bool IsNamed(JsonProperty property, ReadOnlySpan<char> name)
    {
        try
        {
            return property.NameEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
