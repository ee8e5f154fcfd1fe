namespace Importer.Mapping;

/// <summary>Shapes in messages: <c>[48, 144]</c>, <c>[]</c> for a scalar, <c>[*]</c> for any size.</summary>
internal static class ShapeText
{
    private const int MaxRank = 12;

    /// <summary>Stands for any size where a rule does not say which.</summary>
    internal const long AnySize = -1;

    internal static string Of(IReadOnlyList<long> shape) => shape.Count <= MaxRank
        ? $"[{Join(shape)}]"
        : $"[{Join(shape.Take(MaxRank))}, … {shape.Count} dimensions]";

    private static string Join(IEnumerable<long> sizes) => string.Join(", ", sizes.Select(size => size == AnySize ? "*" : $"{size}"));
}
