namespace Importer.Training;

/// <summary>A loss or a gradient is no longer finite. The update was not made: the weights are those of the one before.</summary>
public sealed class TrainingDivergedException : TrainingException
{
    internal TrainingDivergedException(long step, double loss, double norm)
        : base(
            FormattableString.Invariant($"Update {step + 1} has a loss of {loss} and a gradient norm of {norm}; it was not made, and the weights are those after update {step}"),
            "Go on from a checkpoint with a lower learning rate, a longer warm-up or stronger clipping.")
    {
        Step = step;
        Loss = loss;
        GradientNorm = norm;
    }

    /// <summary>Updates that were made.</summary>
    public long Step { get; }

    /// <summary>The loss of the update that was not made.</summary>
    public double Loss { get; }

    /// <summary>The norm of its gradients.</summary>
    public double GradientNorm { get; }
}
