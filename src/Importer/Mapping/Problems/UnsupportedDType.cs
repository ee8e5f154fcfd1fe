using SafeTensorSharp;

namespace Importer.Mapping.Problems;

/// <summary>A tensor that a parameter is to be filled from has an element type that a parameter cannot have.</summary>
/// <param name="Name">The key in the checkpoint.</param>
/// <param name="DType">Its element type.</param>
/// <param name="Target">The parameter.</param>
public sealed record UnsupportedDType(string Name, DType DType, string Target) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text =>
        $"unsupported dtype: {NameText.Quote(Name)} is {DTypes.Name(DType)}; a parameter is filled from "
        + "F64, F32, F16, BF16, F8_E4M3 or F8_E5M2";

    internal override (string One, string Many) Kind => ("tensor of an unsupported dtype", "tensors of an unsupported dtype");
}
