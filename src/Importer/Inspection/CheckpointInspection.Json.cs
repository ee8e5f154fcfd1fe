using System.Text.Json.Nodes;
using Importer.Inspection.Statistics;
using Importer.Mapping;
using Importer.Sources;

namespace Importer.Inspection;

public sealed partial record CheckpointInspection
{
    /// <summary>
    /// The inspection as a JSON document. Its fields are stable: further ones may come, none goes or changes its meaning. Quantities
    /// are in bytes and elements; what is not known is null.
    /// </summary>
    public JsonObject ToJson() => new()
    {
        ["source"] = Source,
        ["commit"] = Commit,
        ["container"] = Container,
        ["files"] = new JsonArray([.. Files.Select(file => (JsonNode)new JsonObject { ["name"] = file.Name, ["size"] = file.Size })]),
        ["bytes_of_headers"] = HeaderBytes,
        ["metadata"] = new JsonObject(Metadata.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))),
        ["config"] = Config is { } config ? JsonFields.ToNode(config) : null,
        ["config_source"] = ConfigSource,
        ["model_class"] = ModelClass,
        ["mapping"] = Mapping is null
            ? null
            : new JsonObject { ["family"] = Mapping.Name, ["version"] = Mapping.Version, ["prefix"] = Plan?.Prefix },
        ["loads"] = Plan is not null && ModelClass is not null,
        ["parameters"] = Parameters,
        ["bytes"] = Bytes,
        ["dtypes"] = Groups(DTypes),
        ["layers"] = Groups(Layers),
        ["tied"] = new JsonObject((Plan?.Ties ?? []).Select(tie => KeyValuePair.Create(tie.Target, (JsonNode?)tie.To))),
        ["dropped"] = new JsonArray([.. (Plan?.Dropped ?? []).Select(dropped => (JsonNode)new JsonObject
        {
            ["name"] = dropped.Source.Name,
            ["bytes"] = dropped.Source.ByteCount,
            ["reason"] = dropped.Reason,
            ["generated_on_export"] = dropped.Content != DropContent.Unspecified,
        })]),
        ["problems"] = new JsonArray([.. Problems.Select(text => (JsonNode)text)]),
        ["warnings"] = new JsonArray([.. Warnings.Select(text => (JsonNode)text)]),
        ["tensors"] = new JsonArray([.. Tensors.Select(tensor => (JsonNode)Json(tensor))]),
    };

    private static JsonArray Groups(IReadOnlyList<TensorGroup> groups) => new([.. groups.Select(group => (JsonNode)new JsonObject
    {
        ["name"] = group.Name, ["tensors"] = group.Tensors, ["elements"] = group.Elements, ["bytes"] = group.Bytes,
    })]);

    private static JsonObject Json(InspectedTensor tensor) => new()
    {
        ["name"] = tensor.Tensor.Name,
        ["dtype"] = SafeTensorSharp.DTypes.Name(tensor.Tensor.DType),
        ["shape"] = new JsonArray([.. tensor.Tensor.Shape.Select(size => (JsonNode)size)]),
        ["elements"] = tensor.Elements,
        ["bytes"] = tensor.Tensor.ByteCount,
        ["file"] = tensor.Tensor.File,
        ["offset"] = tensor.Tensor.Offset < 0 ? null : tensor.Tensor.Offset,
        ["layer"] = tensor.Layer,
        ["fate"] = tensor.Fate?.ToString().ToLowerInvariant(),
        ["parameters"] = new JsonArray([.. tensor.Parameters.Select(name => (JsonNode)name)]),
        ["op"] = tensor.Operation.Length == 0 ? null : tensor.Operation,
        ["converted_to"] = tensor.ConvertedTo is { } dtype ? SafeTensorSharp.DTypes.Name(dtype) : null,
        ["reason"] = tensor.Reason,
        ["statistics"] = tensor.Statistics is { } statistics ? Json(statistics) : null,
        ["problem"] = tensor.Problem,
    };

    private static JsonObject Json(TensorStatistics statistics) => new()
    {
        ["count"] = statistics.Count,
        ["min"] = statistics.Min,
        ["max"] = statistics.Max,
        ["mean"] = statistics.Mean,
        ["std"] = statistics.StandardDeviation,
        ["zeros"] = statistics.Zeros,
        ["nan"] = statistics.NaNs,
        ["positive_infinity"] = statistics.PositiveInfinities,
        ["negative_infinity"] = statistics.NegativeInfinities,
        ["histogram"] = statistics.Histogram is { } histogram ? Json(histogram) : null,
    };

    private static JsonObject Json(TensorHistogram histogram) => new()
    {
        ["min"] = histogram.Min,
        ["max"] = histogram.Max,
        ["counts"] = new JsonArray([.. histogram.Counts.Select(count => (JsonNode)count)]),
    };
}
