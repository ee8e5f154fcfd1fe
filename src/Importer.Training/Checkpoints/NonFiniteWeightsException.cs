namespace Importer.Training;

/// <summary>Weights were to be saved of which some are no numbers. Nothing was saved; the checkpoints before are as they were.</summary>
public sealed class NonFiniteWeightsException : TrainingException
{
    internal NonFiniteWeightsException(long step, IReadOnlyList<string> names)
        : base(
            $"After update {step} these weights are not finite, and were not saved: {string.Join(", ", names.Select(DisplayText.Escape))}",
            "Go on from a checkpoint with a lower learning rate or stronger clipping.")
    {
        Step = step;
        Names = names;
    }

    /// <summary>Updates that were made.</summary>
    public long Step { get; }

    /// <summary>The parameters.</summary>
    public IReadOnlyList<string> Names { get; }
}
