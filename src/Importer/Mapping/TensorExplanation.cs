namespace Importer.Mapping;

/// <summary>Where one tensor of a checkpoint goes, or one parameter comes from, and why.</summary>
public sealed record TensorExplanation
{
    /// <summary>The name that was asked for.</summary>
    public required string Name { get; init; }

    /// <summary>What becomes of it.</summary>
    public required TensorFate Fate { get; init; }

    /// <summary>Whether the name is a key of the checkpoint.</summary>
    public required bool IsSource { get; init; }

    /// <summary>Whether the name is a parameter of the model.</summary>
    public required bool IsParameter { get; init; }

    /// <summary>The mapping that was applied.</summary>
    public required WeightMapping Mapping { get; init; }

    /// <summary>The prefix of the checkpoint's keys; null where none was found.</summary>
    public required string? Prefix { get; init; }

    /// <summary>The rule that decides; null where none has anything to say.</summary>
    public RuleLocation? Rule { get; init; }

    /// <summary>The rule's line as the table has it; null where there is no rule.</summary>
    public string? RuleText { get; init; }

    /// <summary>The plan's rows that the name is part of; empty where it is not loaded.</summary>
    public IReadOnlyList<PlanRow> Rows { get; init; } = [];

    /// <summary>Why, in a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Names of the checkpoint and of the model that read alike, where the name is unknown.</summary>
    public IReadOnlyList<string> Nearest { get; init; } = [];
}
