namespace Importer;

/// <summary>
/// The base of everything that can go wrong between a checkpoint and a model: what happened, where, and what to do.
/// Misuse of an API throws <see cref="ArgumentException"/> instead, and a cancelled operation
/// <see cref="OperationCanceledException"/>.
/// </summary>
public abstract class PretrainedException : Exception
{
    /// <summary>Makes the exception with a message that ends in a remedy.</summary>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    private protected PretrainedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Makes the exception from its two halves.</summary>
    /// <param name="problem">What happened and where, without a full stop.</param>
    /// <param name="remedy">What to do, a sentence.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    private protected PretrainedException(string problem, string remedy, Exception? innerException = null)
        : base($"{problem}. {remedy}", innerException)
    {
        Remedy = remedy;
    }

    /// <summary>What to do about it, also the end of <see cref="Exception.Message"/>; empty where the message does not keep it apart.</summary>
    public string Remedy { get; private protected init; } = "";
}
