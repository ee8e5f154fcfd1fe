namespace Importer;

/// <summary>The index of a sharded checkpoint and the files that it lists contradict each other.</summary>
public sealed class ShardsDifferException : PretrainedException
{
    private const int Shown = 20;

    internal ShardsDifferException(string index, IReadOnlyList<string> problems)
        : base(
            $"{DisplayText.Escape(index)}: index and files contradict each other: {string.Join("; ", problems.Take(Shown))}"
            + (problems.Count > Shown ? $"; and {problems.Count - Shown} more" : ""),
            "They must come from the same revision of the model; fetch all of them again.")
    {
        Index = index;
        Problems = problems;
    }

    /// <summary>The index.</summary>
    public string Index { get; }

    /// <summary>Everything that is wrong, a few words each.</summary>
    public IReadOnlyList<string> Problems { get; }
}
