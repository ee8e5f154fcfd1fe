using SafeTensorSharp;

namespace Importer.Mapping;

/// <summary>A tensor of an exported checkpoint that no parameter fills: it is made again from what the mapping says that it holds.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="DType">Its element type.</param>
/// <param name="Content">What it holds.</param>
/// <param name="Rule">The rule of the mapping that says so.</param>
public sealed record GeneratedTensor(string Name, IReadOnlyList<long> Shape, DType DType, DropContent Content, RuleLocation Rule)
{
    /// <summary>Its size in bytes.</summary>
    public long ByteCount => DTypes.ByteCount(DType, Shape.Aggregate(1L, (product, size) => product * size));
}
