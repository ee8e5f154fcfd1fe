namespace Importer.Mapping.Problems;

/// <summary>The checkpoint holds every mapped tensor more than once, under several prefixes.</summary>
/// <param name="Prefixes">The prefixes that fit.</param>
public sealed record ConflictingPrefix(IReadOnlyList<string> Prefixes) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text =>
        $"conflicting prefixes: every tensor is there under each of {string.Join(", ", Prefixes.Select(NameText.Quote))}; "
        + "which of the models is meant cannot be told";

    internal override (string One, string Many) Kind => ("conflict of prefixes", "conflicts of prefixes");
}
