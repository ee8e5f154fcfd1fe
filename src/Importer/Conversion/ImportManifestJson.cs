using System.Text.Json.Serialization;

namespace Importer.Conversion;

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ImportManifest))]
internal sealed partial class ImportManifestJson : JsonSerializerContext;
