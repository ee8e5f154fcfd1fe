using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Importer.Training.Checkpoints;

/// <summary>How config.json is written.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class ConfigJsonContext : JsonSerializerContext;
