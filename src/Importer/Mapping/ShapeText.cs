namespace Importer.Mapping;

/// <summary>Shapes in messages: <c>[48, 144]</c>, <c>[]</c> for a scalar.</summary>
internal static class ShapeText
{
    private const int MaxRank = 12;

    internal static string Of(IReadOnlyList<long> shape) => shape.Count <= MaxRank
        ? $"[{string.Join(", ", shape)}]"
        : $"[{string.Join(", ", shape.Take(MaxRank))}, … {shape.Count} dimensions]";
}
