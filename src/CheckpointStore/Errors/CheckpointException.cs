namespace CheckpointStorage;

/// <summary>
/// The base of everything that can go wrong with a store: what happened, where, and what to do. Misuse of the API throws
/// <see cref="ArgumentException"/> instead, and a cancelled operation <see cref="OperationCanceledException"/>.
/// </summary>
public abstract class CheckpointException : Exception
{
    private protected CheckpointException(string problem, string remedy, Exception? innerException = null)
        : base($"{problem}. {remedy}", innerException)
        => Remedy = remedy;

    /// <summary>What to do about it, also the end of <see cref="Exception.Message"/>.</summary>
    public string Remedy { get; }

    private protected static string Lines(IEnumerable<string> items) => string.Concat(items.Select(item => $"\n  {item}"));
}
