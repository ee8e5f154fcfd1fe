using System.Globalization;
using System.Text.Json.Nodes;

namespace PyTorchCheckpoints;

/// <summary>Values as JSON. What a file shares is repeated here, so the result is bounded by a count, not only by the file.</summary>
internal sealed class JsonConversion
{
    private const int MaxNodes = 1_000_000;

    // Twice what a file may have by default; a tree that a program built is not checked elsewhere.
    private const int MaxDepth = 512;

    private readonly Func<PyTorchTensor, JsonNode?>? _scalar;
    private int _nodes;

    private JsonConversion(Func<PyTorchTensor, JsonNode?>? scalar) => _scalar = scalar;

    /// <param name="value">The value.</param>
    /// <param name="scalar">Gives the number in a tensor without dimensions; null to describe it as any other.</param>
    public static JsonNode? Convert(CheckpointValue value, Func<PyTorchTensor, JsonNode?>? scalar) => new JsonConversion(scalar).Node(value, 0);

    // Parsed from text, a number converts to every type that can hold it; and what was a float in Python stays one: 0.0, not 0.
    private static JsonNode Number(double value)
    {
        if (!double.IsFinite(value))
        {
            return JsonValue.Create(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }

        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return JsonNode.Parse(text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0")!;
    }

    private static JsonNode Number(Int128 value) => JsonNode.Parse(value.ToString(CultureInfo.InvariantCulture))!;

    private JsonNode? Node(CheckpointValue value, int depth)
    {
        if (++_nodes > MaxNodes || depth > MaxDepth)
        {
            throw new InvalidOperationException(
                "The value is too large for JSON: over a million values, as sharing can make of few, or over 512 levels. Convert a part of it.");
        }

        return value switch
        {
            NoneValue => null,
            BooleanValue boolean => JsonValue.Create(boolean.Value),
            IntegerValue integer => Number(integer.Value),
            FloatValue number => Number(number.Value),
            TextValue text => JsonValue.Create(text.Value),
            BytesValue bytes => JsonValue.Create(System.Convert.ToBase64String(bytes.Value.Span)),
            DTypeValue dtype => JsonValue.Create(dtype.ToString()),
            SequenceValue sequence => Array(sequence, depth),
            DictionaryValue dictionary => Object(dictionary, depth),
            PyTorchTensor { Shape.Count: 0 } tensor when _scalar is not null => _scalar(tensor),
            PyTorchTensor tensor => Describe(tensor),
            OpaqueValue opaque => new JsonObject { ["class"] = opaque.Name },
            _ => throw new InvalidOperationException($"{value.Kind} has no JSON form."),
        };
    }

    private JsonArray Array(SequenceValue sequence, int depth)
    {
        JsonArray array = [];
        foreach (CheckpointValue item in sequence)
        {
            array.Add(Node(item, depth + 1));
        }

        return array;
    }

    private JsonObject Object(DictionaryValue dictionary, int depth)
    {
        JsonObject result = [];
        foreach ((CheckpointValue key, CheckpointValue value) in dictionary)
        {
            string name = key is TextValue text ? text.Value : key.ToString()!;
            while (result.ContainsKey(name))
            {
                // The text "0" and the integer 0 are different keys; neither may get lost.
                name += "'";
            }

            result.Add(name, Node(value, depth + 1));
        }

        return result;
    }

    private static JsonObject Describe(PyTorchTensor tensor) => new()
    {
        ["dtype"] = TorchDTypes.Name(tensor.DType),
        ["shape"] = new JsonArray([.. tensor.Shape.Select(dimension => (JsonNode)JsonValue.Create(dimension))]),
    };
}
