namespace Importer.Training;

/// <summary>The base of everything that is wrong with data that is to be trained on or prepared.</summary>
public abstract class TrainingDataException : TrainingException
{
    /// <inheritdoc cref="TrainingException(string, string, Exception)"/>
    /// <param name="path">The file or directory.</param>
    /// <param name="problem">What happened and where, without a full stop.</param>
    /// <param name="remedy">What to do, a sentence.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    private protected TrainingDataException(string path, string problem, string remedy, Exception? innerException = null)
        : base($"{DisplayText.Escape(path)}: {problem}", remedy, innerException)
    {
        Path = path;
    }

    /// <summary>The file or directory in question.</summary>
    public string Path { get; }
}
