namespace Importer.Mapping.Problems;

/// <summary>The mapping needs a tensor that the checkpoint does not hold.</summary>
/// <param name="Name">The key looked for, prefix included.</param>
/// <param name="Shape">The shape it should have.</param>
/// <param name="Target">The parameter that stays empty without it; null for a tensor that is only expected, not loaded.</param>
/// <param name="Nearest">Keys of the checkpoint that nothing claims and that read alike, best first; may be empty.</param>
/// <param name="Rule">The rule that asks for it.</param>
public sealed record MissingTensor(
    string Name, IReadOnlyList<long> Shape, string? Target, IReadOnlyList<string> Nearest, RuleLocation Rule) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text =>
        $"missing: {NameText.Quote(Name)} {ShapeText.Of(Shape)}{NameText.DidYouMean(Nearest, "the checkpoint has")}";

    internal override (string One, string Many) Kind => ("missing tensor", "missing tensors");
}
