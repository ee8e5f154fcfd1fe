namespace Importer.Training;

/// <summary>A run was to be resumed, and there is none.</summary>
public sealed class NothingToResumeException : TrainingException
{
    internal NothingToResumeException(string directory)
        : base(
            $"{DisplayText.Escape(directory)} has no checkpoint to resume",
            "Check out_dir; or begin with init_from scratch, a model, or auto, which resumes where there is something to resume.") =>
        Directory = directory;

    /// <summary>The directory.</summary>
    public string Directory { get; }
}
