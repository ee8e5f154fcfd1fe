namespace Importer.Mapping.Problems;

/// <summary>The configuration lacks a value that the mapping needs.</summary>
/// <param name="Config">The configuration's file name.</param>
/// <param name="Keys">The keys that would give it, in the order in which they are tried.</param>
/// <param name="Symbol">The symbol of the table that it stands for; null where a rule uses the key itself.</param>
public sealed record ConfigValueMissing(string Config, IReadOnlyList<string> Keys, string? Symbol) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text =>
        $"{NameText.Plain(Config)} lacks {string.Join(" or ", Keys)}" + (Symbol is null ? "" : $" (the mapping's {Symbol})");

    internal override (string One, string Many) Kind => ("missing configuration value", "missing configuration values");
}
