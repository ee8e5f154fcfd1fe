namespace Importer.Mapping.Problems;

/// <summary>A parameter is to share another's tensor, and what the checkpoint holds does not allow it.</summary>
/// <param name="Target">The parameter that shares.</param>
/// <param name="To">The parameter whose tensor it shares.</param>
/// <param name="Copy">The key of the checkpoint that should be equal to the shared tensor; null where none is concerned.</param>
/// <param name="Keys">The configuration's keys that decide whether the two are one.</param>
/// <param name="Reason">What stands against it.</param>
public sealed record BrokenTie(string Target, string To, string? Copy, IReadOnlyList<string> Keys, string Reason) : MappingProblem
{
    /// <inheritdoc/>
    public override string Text => $"broken tie: {NameText.Quote(Target)} shares {NameText.Quote(To)}, but {Reason}";

    internal override (string One, string Many) Kind => ("broken tie", "broken ties");
}
