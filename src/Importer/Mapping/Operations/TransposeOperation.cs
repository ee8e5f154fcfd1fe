using Importer.Sources;

namespace Importer.Mapping.Operations;

/// <summary>A matrix [rows, columns] becomes [columns, rows]; its own inverse. A table writes <c>t</c>.</summary>
public sealed class TransposeOperation : TensorOperation
{
    internal TransposeOperation()
    {
    }

    /// <inheritdoc/>
    public override string Text => "t";

    /// <inheritdoc/>
    public override TensorOperation Inverse => this;

    internal override string? Reason(int rank) =>
        rank == 2 ? null : $"'t' exchanges the two dimensions of a matrix; this tensor has {rank}";

    internal override IReadOnlyList<T> Rearrange<T>(IReadOnlyList<T> source) => [source[1], source[0]];

    internal override StridedCopy Copy(SourceTensor source) =>
        StridedCopy.Of(source, 0, 0, [new CopyLoop(source.Shape[0], source.Shape[1], 1), new CopyLoop(source.Shape[1], 1, source.Shape[0])]);
}
