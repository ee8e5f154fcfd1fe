namespace SafeTensorSharp;

/// <summary>A sharded set is not consistent: the index is not valid, or it and its files contradict each other.</summary>
public sealed class SafeTensorSetException : SafeTensorException
{
    internal SafeTensorSetException(
        IReadOnlyList<SafeTensorProblem> problems, string remedy, string? path, long? position = null, Exception? inner = null)
        : base(problems[0].Kind, SafeTensorProblem.Join(problems), remedy, path, position, problems[0].TensorName, inner)
    {
        Problems = [.. problems];
    }

    /// <summary>Everything that is wrong; the exception's own properties are those of the first.</summary>
    public IReadOnlyList<SafeTensorProblem> Problems { get; }
}
