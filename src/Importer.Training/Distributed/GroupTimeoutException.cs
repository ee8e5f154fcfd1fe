namespace Importer.Training.Distributed;

/// <summary>Processes did not come, or did not answer, in the time that they had.</summary>
public sealed class GroupTimeoutException : ProcessGroupException
{
    internal GroupTimeoutException(string problem, TimeSpan timeout, string remedy)
        : base(problem, remedy) =>
        Timeout = timeout;

    /// <summary>How long they had.</summary>
    public TimeSpan Timeout { get; }
}
