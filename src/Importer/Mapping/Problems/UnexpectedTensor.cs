using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Mapping.Problems;

/// <summary>The checkpoint holds a tensor that no rule of the mapping loads, ties or drops.</summary>
/// <param name="Tensor">What the checkpoint's header says of it.</param>
/// <param name="Nearest">Keys that the mapping looked for in vain and that read alike, best first; may be empty.</param>
public sealed record UnexpectedTensor(SourceTensor Tensor, IReadOnlyList<string> Nearest) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text =>
        $"unexpected: {NameText.Quote(Tensor.Name)} {DTypes.Name(Tensor.DType)} {ShapeText.Of(Tensor.Shape)}"
        + NameText.DidYouMean(Nearest, "the mapping looks for");

    internal override (string One, string Many) Kind => ("unexpected tensor", "unexpected tensors");
}
