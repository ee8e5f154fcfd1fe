using System.Text.Json.Serialization;

namespace Importer.Training.Data;

/// <summary>How <c>meta.json</c> is written and read.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, AllowDuplicateProperties = false, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(DatasetMeta), TypeInfoPropertyName = "Meta")]
internal sealed partial class DatasetMetaContext : JsonSerializerContext;
