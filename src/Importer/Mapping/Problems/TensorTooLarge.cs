namespace Importer.Mapping.Problems;

/// <summary>A tensor's elements cannot be counted in bytes with 63 bits.</summary>
/// <param name="Name">The key in the checkpoint.</param>
/// <param name="Shape">Its shape.</param>
public sealed record TensorTooLarge(string Name, IReadOnlyList<long> Shape) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text => $"too large: {NameText.Quote(Name)} {ShapeText.Of(Shape)} has more bytes than can be addressed";

    internal override (string One, string Many) Kind => ("tensor too large", "tensors too large");
}
