using Importer.Sources;

namespace Importer.Mapping.Operations;

/// <summary>The tensor as it is.</summary>
public sealed class IdentityOperation : TensorOperation
{
    internal IdentityOperation()
    {
    }

    /// <inheritdoc/>
    public override string Text => "";

    /// <inheritdoc/>
    public override TensorOperation Inverse => this;

    internal override string? Reason(int rank) => null;

    internal override IReadOnlyList<T> Rearrange<T>(IReadOnlyList<T> source) => source;

    internal override StridedCopy Copy(SourceTensor source) =>
        StridedCopy.Of(source, 0, 0, [new CopyLoop(source.Shape.Aggregate(1L, (product, size) => product * size), 1, 1)]);
}
