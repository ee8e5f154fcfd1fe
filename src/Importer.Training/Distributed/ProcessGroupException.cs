namespace Importer.Training.Distributed;

/// <summary>The base of everything that goes wrong between the processes of a run; the message ends with what to do.</summary>
public abstract class ProcessGroupException : TrainingException
{
    private protected ProcessGroupException(string problem, string remedy, Exception? innerException = null)
        : base(problem, remedy, innerException)
    {
    }
}
