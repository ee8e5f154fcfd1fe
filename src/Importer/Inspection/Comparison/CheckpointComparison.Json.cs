using System.Text.Json.Nodes;
using SafeTensorSharp;

namespace Importer.Inspection.Comparison;

public sealed partial record CheckpointComparison
{
    /// <summary>
    /// The comparison as a JSON document. Its fields are stable: further ones may come, none goes or changes its meaning. Numbers that
    /// JSON does not have are the texts <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c>.
    /// </summary>
    public JsonObject ToJson() => new()
    {
        ["a"] = A,
        ["b"] = B,
        ["same"] = IsSame,
        ["naming"] = Naming.ToString().ToLowerInvariant(),
        ["tolerance"] = Tolerance,
        ["config"] = new JsonArray([.. Config.Select(difference => (JsonNode)new JsonObject
        {
            ["field"] = difference.Field,
            ["a"] = difference.A is null ? null : JsonNode.Parse(difference.A),
            ["b"] = difference.B is null ? null : JsonNode.Parse(difference.B),
            ["counts"] = difference.Counts,
        })]),
        ["only_in_a"] = new JsonArray([.. OnlyInA.Select(tensor => (JsonNode)Json(tensor.Tensor, tensor.Name))]),
        ["only_in_b"] = new JsonArray([.. OnlyInB.Select(tensor => (JsonNode)Json(tensor.Tensor, tensor.Name))]),
        ["tensors_compared"] = Tensors.Count,
        ["tensors_same"] = Tensors.Count(tensor => tensor.IsSame),
        ["different"] = new JsonArray([.. Tensors.Where(tensor => !tensor.IsSame).Select(tensor => (JsonNode)Json(tensor))]),
        ["broken_ties"] = new JsonArray([.. BrokenTies.Select(text => (JsonNode)text)]),
        ["notes"] = new JsonArray([.. Notes.Select(text => (JsonNode)text)]),
    };

    private static JsonObject Json(TensorComparison tensor)
    {
        var elements = tensor.Elements;
        return new JsonObject
        {
            ["name"] = tensor.Name,
            ["what"] = !tensor.SameShape ? "shape" : elements is { DifferentValues: > 0 } ? "values" : !tensor.SameDType ? "dtype" : "bits",
            ["a"] = Json(tensor.A, null),
            ["b"] = Json(tensor.B, null),
            ["elements"] = elements?.Count,
            ["different_bits"] = elements?.DifferentBits,
            ["different_values"] = elements?.DifferentValues,
            ["beyond_tolerance"] = elements?.BeyondTolerance,
            ["largest_difference"] = Number(elements?.LargestDifference),
            ["largest_at"] = elements?.LargestAt is { } at ? new JsonArray([.. at.Select(index => (JsonNode)index)]) : null,
            ["value_a"] = Number(elements?.ValueInA),
            ["value_b"] = Number(elements?.ValueInB),
            ["nan_a"] = elements?.NaNsInA,
            ["nan_b"] = elements?.NaNsInB,
        };
    }

    private static JsonObject Json(ComparedTensor tensor, string? name)
    {
        var json = new JsonObject();
        if (name is not null)
        {
            json["name"] = name;
        }

        json["stored_as"] = tensor.StoredAs;
        json["dtype"] = DTypes.Name(tensor.DType);
        json["shape"] = new JsonArray([.. tensor.Shape.Select(size => (JsonNode)size)]);
        return json;
    }

    private static JsonNode? Number(double? value) => value switch
    {
        null => null,
        double.NaN => "NaN",
        double.PositiveInfinity => "Infinity",
        double.NegativeInfinity => "-Infinity",
        _ => value,
    };
}
