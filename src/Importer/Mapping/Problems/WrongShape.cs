namespace Importer.Mapping.Problems;

/// <summary>A tensor is there, but its shape is not what the configuration makes of the rule.</summary>
/// <param name="Name">The key in the checkpoint.</param>
/// <param name="Symbols">The shape as the rule writes it, such as <c>D 3*D</c>.</param>
/// <param name="Expected">The same with the configuration's numbers.</param>
/// <param name="Actual">The shape in the checkpoint.</param>
/// <param name="Rule">The rule.</param>
public sealed record WrongShape(
    string Name, string Symbols, IReadOnlyList<long> Expected, IReadOnlyList<long> Actual, RuleLocation Rule) : MappingProblem
{
    /// <summary>Whether the two dimensions are the expected ones, swapped: the other layout of a matrix.</summary>
    public bool LooksTransposed =>
        Expected.Count == 2 && Actual.Count == 2 && Expected[0] == Actual[1] && Expected[1] == Actual[0]
        && Expected[0] != Expected[1];

    /// <inheritdoc/>
    public override string Text =>
        $"wrong shape: {NameText.Quote(Name)} is {ShapeText.Of(Actual)}, expected {ShapeText.Of(Expected)}"
        + (Symbols.Length == 0 ? "" : $" ({Symbols})")
        + (LooksTransposed ? "; it looks transposed, so the file may use the other matrix layout" : "");

    internal override (string One, string Many) Kind => ("tensor of the wrong shape", "tensors of the wrong shape");
}
