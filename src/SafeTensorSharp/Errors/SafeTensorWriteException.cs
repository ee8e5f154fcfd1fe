namespace SafeTensorSharp;

/// <summary>What was to be written is not valid. No file appears, and a file that was there before stays as it was.</summary>
public sealed class SafeTensorWriteException : SafeTensorException
{
    internal SafeTensorWriteException(IReadOnlyList<SafeTensorProblem> problems, string remedy, string? path)
        : base(problems[0].Kind, SafeTensorProblem.Join(problems), remedy, path, position: null, problems[0].TensorName, inner: null)
    {
        Problems = [.. problems];
    }

    /// <summary>Everything that is wrong; the exception's own properties are those of the first.</summary>
    public IReadOnlyList<SafeTensorProblem> Problems { get; }
}
