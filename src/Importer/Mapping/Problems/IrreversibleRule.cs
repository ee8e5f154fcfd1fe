namespace Importer.Mapping.Problems;

/// <summary>A rule takes a part of a tensor and does not say that the rest may be made up, so it cannot run backwards.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Source">Its tensor, as the table writes it.</param>
public sealed record IrreversibleRule(RuleLocation Rule, string Source) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text => $"{Rule}: the part of {NameText.Quote(Source)} that is not taken is lost";

    internal override (string One, string Many) Kind => ("rule that cannot run backwards", "rules that cannot run backwards");
}
