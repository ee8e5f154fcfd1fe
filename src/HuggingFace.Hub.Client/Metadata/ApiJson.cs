using System.Text.Json;
using System.Text.Json.Serialization;

namespace HuggingFace.Hub.Client;

/// <summary>The hub's JSON, as far as it is read, and the cache's.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = false)]
[JsonSerializable(typeof(RevisionJson))]
[JsonSerializable(typeof(List<TreeEntryJson>))]
internal sealed partial class ApiJson : JsonSerializerContext;
