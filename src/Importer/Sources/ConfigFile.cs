using System.Globalization;
using System.Text.Json;
using Importer.IO;

namespace Importer.Sources;

/// <summary>Reads a config.json as a whole.</summary>
internal static class ConfigFile
{
    internal const int SizeLimit = 16 << 20;

    /// <summary>Parses the file, which must be a JSON object of at most 16 MiB.</summary>
    public static JsonDocument Load(string path)
    {
        byte[] bytes;
        using (var stream = new FileStream(RegularFile.Open(path), FileAccess.Read, bufferSize: 0))
        {
            if (stream.Length > SizeLimit)
            {
                throw new ModelConfigException(path, null, $"it is {stream.Length:N0} bytes long, too long for a config.json",
                    "Take the config.json that belongs to these weights.");
            }

            bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
        }

        return Parse(bytes, path);
    }

    /// <summary>Parses bytes that are in memory.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="path">What messages call it.</param>
    public static JsonDocument Parse(byte[] bytes, string path)
    {
        try
        {
            var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                json.Dispose();
                throw new ModelConfigException(path, null, "it holds no JSON object", "Take the config.json that belongs to these weights.");
            }

            return json;
        }
        catch (InvalidOperationException e) // how a key that is half of a surrogate pair shows itself
        {
            throw new ModelConfigException(path, null, "a string in it is not valid Unicode", "Take the config.json that belongs to these weights.", e);
        }
        catch (JsonException e)
        {
            string place = e is { LineNumber: long line, BytePositionInLine: long column }
                ? string.Create(CultureInfo.InvariantCulture, $"it breaks off or goes wrong at line {line + 1}, byte {column + 1}")
                : "it has a key twice or is nested too deeply";
            throw new ModelConfigException(path, null, $"it is not valid JSON: {ForeignContent.Describe(bytes) ?? place}",
                "Take the config.json that belongs to these weights.", e);
        }
    }
}
