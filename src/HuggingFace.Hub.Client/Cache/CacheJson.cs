using System.Text.Json.Serialization;

namespace HuggingFace.Hub.Client;

/// <summary>The JSON files of the cache.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, IndentSize = 1, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TreeJson))]
internal sealed partial class CacheJson : JsonSerializerContext;
