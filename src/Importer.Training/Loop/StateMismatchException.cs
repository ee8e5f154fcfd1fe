namespace Importer.Training;

/// <summary>Tensors that were to be restored do not fit the run: all that is missing, unexpected or of another shape.</summary>
public sealed class StateMismatchException : TrainingException
{
    internal StateMismatchException(IReadOnlyList<string> problems)
        : base(
            "The state does not fit the run: " + string.Join("; ", problems),
            "Resume with the model and the settings that it was saved with.") =>
        Problems = problems;

    /// <summary>Every problem, a sentence without a full stop each.</summary>
    public IReadOnlyList<string> Problems { get; }
}
