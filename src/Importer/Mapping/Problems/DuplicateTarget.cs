namespace Importer.Mapping.Problems;

/// <summary>Two rules of the mapping fill the same parameter.</summary>
/// <param name="Target">The parameter.</param>
/// <param name="First">The rule that fills it.</param>
/// <param name="Second">The rule that would fill it again.</param>
public sealed record DuplicateTarget(string Target, RuleLocation First, RuleLocation Second) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text => $"filled twice: parameter {NameText.Quote(Target)} by {First} and by {Second}";

    internal override (string One, string Many) Kind => ("parameter filled twice", "parameters filled twice");
}
