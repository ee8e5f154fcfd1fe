namespace Importer.Mapping.Problems;

/// <summary>With this configuration the table stands for more names than a checkpoint can reasonably have.</summary>
/// <param name="Config">The configuration's file name.</param>
/// <param name="Keys">The keys that bound the indices.</param>
/// <param name="Names">How many names that would be; 2^63-1 stands for that and more.</param>
/// <param name="Limit">The limit, <see cref="PlanOptions.MaxNames"/>.</param>
public sealed record ExpansionTooLarge(string Config, IReadOnlyList<string> Keys, long Names, int Limit) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text =>
        $"{NameText.Plain(Config)}: {string.Join(", ", Keys)} would make {Names} tensor names; the limit is {Limit}";

    internal override (string One, string Many) Kind => ("configuration out of bounds", "configurations out of bounds");
}
