namespace Importer.Training;

/// <summary>The base of everything that training throws about its configuration, data and runs; the message ends with what to do.</summary>
public abstract class TrainingException : PretrainedException
{
    /// <summary>Makes the exception from its two halves.</summary>
    /// <param name="problem">What happened and where, without a full stop.</param>
    /// <param name="remedy">What to do, a sentence.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    private protected TrainingException(string problem, string remedy, Exception? innerException = null)
        : base(problem, remedy, innerException)
    {
    }
}
