using Importer.Mapping.Problems;

namespace Importer.Mapping;

/// <summary>A checkpoint, its configuration and a mapping do not fit each other. Nothing of the data has been read.</summary>
public sealed class CheckpointMismatchException : MappingException
{
    internal CheckpointMismatchException(
        WeightMapping mapping, string? prefix, IReadOnlyList<MappingProblem> problems, int omitted, string remedy)
        : base(
            $"The checkpoint does not fit the mapping {mapping.Name} (version {mapping.Version}): {Count(problems, omitted)}.",
            problems,
            omitted,
            remedy)
    {
        Mapping = mapping.Name;
        Prefix = prefix;
    }

    /// <summary>The name of the mapping, <see cref="WeightMapping.Name"/>.</summary>
    public string Mapping { get; }

    /// <summary>The prefix that was found to fit best; null where the configuration was wrong before it came to that.</summary>
    public string? Prefix { get; }

    private static string Count(IReadOnlyList<MappingProblem> problems, int omitted)
    {
        IEnumerable<string> kinds = problems.GroupBy(problem => problem.Kind)
            .Select(kind => kind.Count() == 1 ? $"1 {kind.Key.One}" : $"{kind.Count()} {kind.Key.Many}");
        return string.Join(", ", kinds) + (omitted > 0 ? $", {omitted} more" : "");
    }
}
