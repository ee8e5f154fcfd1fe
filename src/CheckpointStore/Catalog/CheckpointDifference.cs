namespace CheckpointStorage;

/// <summary>One thing in which two checkpoints differ.</summary>
/// <param name="Kind">Where.</param>
/// <param name="Name">The field, the setting, the path in the metadata (<c>optimizer.beta1</c>) or the file.</param>
/// <param name="First">The first one's value; null where it has none.</param>
/// <param name="Second">The second one's value; null where it has none.</param>
public sealed record CheckpointDifference(DifferenceKind Kind, string Name, string? First, string? Second)
{
    /// <summary>One line.</summary>
    public override string ToString() =>
        $"{IO.DisplayText.Escape(Name)}: {IO.DisplayText.Escape(First ?? "(none)")} -> {IO.DisplayText.Escape(Second ?? "(none)")}";
}
