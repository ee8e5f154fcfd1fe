using System.Text.Json.Serialization;

namespace Importer.Training.Checkpoints;

/// <summary>How trainer.json is written and read. A loss may be infinite.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, AllowDuplicateProperties = false,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(TrainerRecord))]
[JsonSerializable(typeof(RankState))]
internal sealed partial class TrainerRecordContext : JsonSerializerContext;
