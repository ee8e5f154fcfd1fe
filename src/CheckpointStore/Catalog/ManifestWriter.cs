using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace CheckpointStorage;

/// <summary>A manifest as JSON.</summary>
internal static class ManifestWriter
{
    public static byte[] Write(Manifest manifest)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("format", Manifest.Format);
            json.WriteNumber("format_version", Manifest.Version);
            json.WriteNumber("step", manifest.Step);
            WriteNumber(json, "epoch", manifest.Epoch);
            WriteNumber(json, "metric", manifest.Metric);
            json.WriteString("saved_at", manifest.SavedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            json.WriteString("parent", manifest.ParentId);
            json.WriteString("configuration_key", ConfigurationKey.Of(manifest.Configuration));
            json.WriteStartObject("configuration");
            foreach (var (name, value) in manifest.Configuration.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteStartArray("files");
            foreach (CheckpointFileInfo file in manifest.Files)
            {
                json.WriteStartObject();
                json.WriteString("name", file.Name);
                json.WriteNumber("size", file.Length);
                json.WriteString("sha256", file.Sha256);
                json.WriteString("md5", file.Md5);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WritePropertyName("metadata");
            manifest.Metadata.WriteTo(json);
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    // JSON has no NaN and no infinities; a diverged run's loss is recorded all the same.
    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is not { } number)
        {
            json.WriteNull(name);
        }
        else if (double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
        }
    }
}
