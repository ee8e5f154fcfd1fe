namespace Importer;

/// <summary>What was named as a model is not there, or lacks its configuration or its weights.</summary>
public sealed class ModelNotFoundException : PretrainedException
{
    internal ModelNotFoundException(string idOrPath, string problem, string remedy)
        : base(DisplayText.Escape(problem).TrimEnd('.'), remedy)
    {
        IdOrPath = idOrPath;
    }

    /// <summary>What was asked for.</summary>
    public string IdOrPath { get; }
}
