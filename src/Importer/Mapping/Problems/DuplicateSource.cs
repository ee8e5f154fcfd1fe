namespace Importer.Mapping.Problems;

/// <summary>A key occurs twice in the checkpoint, or two rules of the mapping claim it.</summary>
/// <param name="Name">The key.</param>
/// <param name="Claims">The files that hold it or the rules that claim it.</param>
public sealed record DuplicateSource(string Name, IReadOnlyList<string> Claims) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text => $"duplicate: {NameText.Quote(Name)} ({string.Join("; ", Claims.Select(NameText.Plain))})";

    internal override (string One, string Many) Kind => ("duplicate tensor", "duplicate tensors");
}
