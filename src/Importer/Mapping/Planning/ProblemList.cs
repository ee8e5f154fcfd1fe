using Importer.Mapping.Problems;

namespace Importer.Mapping.Planning;

/// <summary>Problems as they are found: a thousand of each kind are kept, the rest are counted.</summary>
internal sealed class ProblemList
{
    internal const int MaxPerKind = 1000;

    private readonly List<MappingProblem> _problems = [];
    private readonly Dictionary<Type, int> _counts = [];

    internal int Omitted { get; private set; }

    internal bool IsEmpty => _problems.Count == 0;

    internal IEnumerable<MappingProblem> All => _problems;

    internal void Add(MappingProblem problem)
    {
        int count = _counts.GetValueOrDefault(problem.GetType());
        _counts[problem.GetType()] = count + 1;
        if (count < MaxPerKind)
        {
            _problems.Add(problem);
        }
        else
        {
            Omitted++;
        }
    }

    /// <summary>Counts problems of which not even the names are kept.</summary>
    internal void Omit(int count) => Omitted += count;

    /// <summary>The problems, those that explain others first.</summary>
    internal IReadOnlyList<MappingProblem> InOrder() => [.. _problems.OrderBy(Rank)];

    private static int Rank(MappingProblem problem) => problem switch
    {
        ConfigContradiction => 0,
        ConfigValueMissing or ConfigValueInvalid or ExpansionTooLarge => 1,
        NoPrefixFits or ConflictingPrefix => 2,
        MissingTensor => 3,
        UnexpectedTensor => 4,
        WrongShape => 5,
        _ => 6,
    };
}
