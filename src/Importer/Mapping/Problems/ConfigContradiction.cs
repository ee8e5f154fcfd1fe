namespace Importer.Mapping.Problems;

/// <summary>The configuration says one number and the checkpoint's tensors, all together, another.</summary>
/// <param name="Config">The configuration's file name.</param>
/// <param name="Keys">The keys that the number comes from.</param>
/// <param name="Says">How the configuration comes to its number, such as <c>n_embd is 48</c>.</param>
/// <param name="ConfigValue">That number.</param>
/// <param name="FoundValue">The number that the tensors show.</param>
/// <param name="Evidence">Which tensors show it.</param>
public sealed record ConfigContradiction(
    string Config, IReadOnlyList<string> Keys, string Says, long ConfigValue, long FoundValue, string Evidence) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text =>
        $"{NameText.Plain(Config)} contradicts the weights: {Says}, but the tensors say {FoundValue} ({Evidence})";

    internal override (string One, string Many) Kind =>
        ("contradiction between configuration and weights", "contradictions between configuration and weights");
}
