using System.Globalization;
using System.Text.Json;

namespace CheckpointStorage.IO;

/// <summary>Who holds a lock, for others to read.</summary>
internal sealed record LockOwner(int ProcessId, string Host, string Since)
{
    public static LockOwner Current(TimeProvider clock) => new(
        Environment.ProcessId, Environment.MachineName, clock.GetUtcNow().UtcDateTime.ToString("s", CultureInfo.InvariantCulture) + "Z");

    public static LockOwner? Parse(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            return new LockOwner(root.GetProperty("pid").GetInt32(), root.GetProperty("host").GetString() ?? "", root.GetProperty("since").GetString() ?? "");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null; // it is being written, or is from something else
        }
    }

    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("pid", ProcessId);
            json.WriteString("host", Host);
            json.WriteString("since", Since);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    public override string ToString() => $"process {ProcessId} on {DisplayText.Escape(Host)} since {DisplayText.Escape(Since)}";
}
