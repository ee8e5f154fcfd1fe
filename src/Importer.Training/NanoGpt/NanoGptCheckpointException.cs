namespace Importer.Training.NanoGpt;

/// <summary>A file is no checkpoint of nanoGPT's, or its optimizer's state does not fit the model: everything that does not.</summary>
public sealed class NanoGptCheckpointException : TrainingException
{
    internal NanoGptCheckpointException(string path, IReadOnlyList<string> problems, string remedy)
        : base($"{DisplayText.Escape(path)} cannot be resumed: {string.Join("; ", problems)}", remedy)
    {
        Path = path;
        Problems = problems;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Every problem, without a full stop each.</summary>
    public IReadOnlyList<string> Problems { get; }
}
