using System.Globalization;
using System.Text.Json;

namespace CheckpointStorage;

/// <summary>A manifest from JSON that may be anything.</summary>
internal static class ManifestReader
{
    public const int Deepest = 64;

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="FormatException">It is not one; the message says why.</exception>
    /// <exception cref="NotSupportedException">It is one of a later version.</exception>
    public static Manifest Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = Deepest, AllowDuplicateProperties = false });
            CheckNames(document.RootElement);
            return Read(document.RootElement);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("a name in it is no valid text", e); // bytes that are no UTF-8, or half a surrogate pair
        }
        catch (JsonException e)
        {
            throw new FormatException($"it is no JSON: {IO.DisplayText.Clause(e.Message)}", e);
        }
    }

    private static Manifest Read(JsonElement root)
    {
        Require(root.ValueKind == JsonValueKind.Object, "it is no JSON object");
        Require(Text(root, "format") == Manifest.Format, $"its format is not \"{Manifest.Format}\"");
        long version = Number(root, "format_version");
        if (version > Manifest.Version)
        {
            throw new NotSupportedException($"format version {version} is later than {Manifest.Version}");
        }

        Require(version == Manifest.Version, $"its format_version is {version}");
        long step = Number(root, "step");
        Require(step >= 0, "its step is negative");
        Require(
            DateTimeOffset.TryParseExact(
                Text(root, "saved_at"), "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset savedAt),
            "its saved_at is no time");
        Dictionary<string, string> configuration = Configuration(root);
        Require(Text(root, "configuration_key") == ConfigurationKey.Of(configuration), "its configuration_key is not that of its configuration");
        JsonElement metadata = Property(root, "metadata");
        Require(metadata.ValueKind == JsonValueKind.Object, "its metadata is no object");
        return new Manifest
        {
            Step = step,
            SavedAt = savedAt.ToUniversalTime(),
            Epoch = Real(root, "epoch"),
            Metric = Real(root, "metric"),
            ParentId = Property(root, "parent").ValueKind == JsonValueKind.Null ? null : Text(root, "parent"),
            Configuration = configuration,
            Metadata = metadata.Clone(),
            Files = Files(root),
        };
    }

    // Of the metadata too, which others walk through later.
    private static void CheckNames(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    _ = property.Name;
                    CheckNames(property.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                {
                    CheckNames(item);
                }

                break;
        }
    }

    private static Dictionary<string, string> Configuration(JsonElement root)
    {
        JsonElement configuration = Property(root, "configuration");
        Require(configuration.ValueKind == JsonValueKind.Object, "its configuration is no object");
        return configuration.EnumerateObject().ToDictionary(property => property.Name, property => Text(configuration, property.Name), StringComparer.Ordinal);
    }

    private static CheckpointFileInfo[] Files(JsonElement root)
    {
        JsonElement list = Property(root, "files");
        Require(list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0, "it lists no files");
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return
        [
            .. list.EnumerateArray().Select(element =>
            {
                Require(element.ValueKind == JsonValueKind.Object, "an entry of its files is no object");
                var file = new CheckpointFileInfo(Text(element, "name"), Number(element, "size"), Text(element, "sha256"), Text(element, "md5"));
                string shown = IO.DisplayText.Escape(file.Name);
                Require(Manifest.IsFileName(file.Name), $"\"{shown}\" is no name for a file");
                Require(names.Add(file.Name), $"\"{shown}\" is listed twice");
                Require(file.Length >= 0, $"the size of \"{shown}\" is negative");
                Require(IsHex(file.Sha256, 64), $"the sha256 of \"{shown}\" is none");
                Require(IsHex(file.Md5, 32), $"the md5 of \"{shown}\" is none");
                return file;
            }),
        ];
    }

    private static bool IsHex(string text, int length) => text.Length == length && text.All(char.IsAsciiHexDigitLower);

    private static JsonElement Property(JsonElement element, string name)
    {
        Require(element.TryGetProperty(name, out JsonElement property), $"it has no \"{name}\"");
        return property;
    }

    private static string Text(JsonElement element, string name)
    {
        JsonElement property = Property(element, name);
        Require(property.ValueKind == JsonValueKind.String, $"its \"{IO.DisplayText.Escape(name)}\" is no text");
        try
        {
            return property.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException($"its \"{IO.DisplayText.Escape(name)}\" is no valid text", e); // half a surrogate pair
        }
    }

    private static long Number(JsonElement element, string name)
    {
        JsonElement property = Property(element, name);
        long number = 0;
        Require(property.ValueKind == JsonValueKind.Number && property.TryGetInt64(out number), $"its \"{name}\" is no whole number");
        return number;
    }

    private static double? Real(JsonElement element, string name)
    {
        JsonElement property = Property(element, name);
        double number = 0;
        switch (property.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.Number:
                Require(property.TryGetDouble(out number), $"its \"{name}\" is no number");
                return number;
            default:
                Require(
                    Text(element, name) is "NaN" or "Infinity" or "-Infinity"
                        && double.TryParse(Text(element, name), NumberStyles.Float, CultureInfo.InvariantCulture, out number),
                    $"its \"{name}\" is no number");
                return number;
        }
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new FormatException(problem);
        }
    }
}
