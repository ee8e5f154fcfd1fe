using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>Collects what is wrong, so that it is told at once; a hostile file does not make the list grow without end.</summary>
internal sealed class ProblemList
{
    private const int Kept = 100;
    private const int Shown = 20;

    private readonly List<string> _problems = [];

    public int Count => _problems.Count;

    public bool IsFull => _problems.Count >= Kept;

    public IReadOnlyList<string> Items => _problems;

    public void Add(string problem)
    {
        if (!IsFull)
        {
            _problems.Add(problem);
        }
    }

    public static string Join(IReadOnlyList<string> problems)
    {
        string list = string.Join("; ", problems.Take(Shown));
        return problems.Count > Shown ? Invariant($"{list}; and {problems.Count - Shown:N0} more") : list;
    }
}
