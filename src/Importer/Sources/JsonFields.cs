using System.Text.Json;

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
