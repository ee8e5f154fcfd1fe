namespace Importer.Mapping.Problems;

/// <summary>The configuration holds a value that cannot be what its key says.</summary>
/// <param name="Config">The configuration's file name.</param>
/// <param name="Keys">The key, or the keys of an expression, that the value comes from.</param>
/// <param name="Value">The value as it is written, shortened; or the result of the expression.</param>
/// <param name="Reason">What it should be.</param>
public sealed record ConfigValueInvalid(string Config, IReadOnlyList<string> Keys, string Value, string Reason) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text => $"{NameText.Plain(Config)}: {string.Join(", ", Keys)} = {NameText.Plain(Value)}: {Reason}";

    internal override (string One, string Many) Kind => ("invalid configuration value", "invalid configuration values");
}
