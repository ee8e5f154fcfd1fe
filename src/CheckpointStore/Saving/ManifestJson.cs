using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CheckpointStorage.Saving;

/// <summary>What is serialised, known at compile time.</summary>
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class ManifestJson : JsonSerializerContext;
