namespace Importer.Mapping.Problems;

/// <summary>Not one mapped tensor is there under any prefix of the table: these are another model's keys.</summary>
/// <param name="Prefixes">The prefixes tried.</param>
/// <param name="Examples">Some keys of the checkpoint.</param>
public sealed record NoPrefixFits(IReadOnlyList<string> Prefixes, IReadOnlyList<string> Examples) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text =>
        $"no prefix fits: tried {string.Join(", ", Prefixes.Select(NameText.Quote))}; "
        + (Examples.Count == 0
            ? "the checkpoint holds no tensor"
            : $"the checkpoint's keys are like {string.Join(", ", Examples.Select(NameText.Quote))}");

    internal override (string One, string Many) Kind => ("prefix that does not fit", "prefixes that do not fit");
}
