using Importer.Mapping.Language;

namespace Importer.Mapping.Checks;

/// <summary>
/// All names that a template stands for, over all configurations, as a finite automaton: an index is any number without leading
/// zeros. So "these two rules never meet" is proved once for a table and not tried with examples.
/// </summary>
internal sealed class NameAutomaton
{
    private readonly List<List<(char Low, char High, int To)>> _steps = [];
    private readonly List<List<int>> _jumps = [];
    private readonly int _end;

    /// <param name="prefix">Literal text before the template.</param>
    /// <param name="template">The template.</param>
    /// <param name="variables">Its rule's variables.</param>
    internal NameAutomaton(string prefix, Template template, IReadOnlyList<TemplateVariable> variables)
    {
        int at = Word(State(), prefix);
        foreach (TemplatePart part in template.Parts)
        {
            at = part.Literal is { } literal ? Word(at, literal)
                : variables[part.Variable].Words is { } words ? OneOf(at, words)
                : Number(at);
        }

        _end = at;
    }

    /// <summary>A name that both stand for, or null where there is none.</summary>
    internal string? Common(NameAutomaton other)
    {
        Dictionary<(int, int), ((int, int) From, char? Step)> reached = new() { [(0, 0)] = ((0, 0), null) };
        Queue<(int A, int B)> open = new([(0, 0)]);
        while (open.TryDequeue(out (int A, int B) at))
        {
            if (at == (_end, other._end))
            {
                return Trace(reached, at);
            }

            foreach (int jump in _jumps[at.A])
            {
                Reach((jump, at.B), at, null);
            }

            foreach (int jump in other._jumps[at.B])
            {
                Reach((at.A, jump), at, null);
            }

            foreach ((char low, char high, int to) in _steps[at.A])
            {
                foreach ((char otherLow, char otherHigh, int otherTo) in other._steps[at.B])
                {
                    char first = low > otherLow ? low : otherLow;
                    if (first <= high && first <= otherHigh)
                    {
                        Reach((to, otherTo), at, first);
                    }
                }
            }
        }

        return null;

        void Reach((int, int) state, (int, int) from, char? step)
        {
            if (reached.TryAdd(state, (from, step)))
            {
                open.Enqueue(state);
            }
        }
    }

    private static string Trace(Dictionary<(int, int), ((int, int) From, char? Step)> reached, (int, int) at)
    {
        List<char> name = [];
        while (at != (0, 0))
        {
            ((int, int) from, char? step) = reached[at];
            if (step is { } c)
            {
                name.Add(c);
            }

            at = from;
        }

        name.Reverse();
        return new string([.. name]);
    }

    private int State()
    {
        _steps.Add([]);
        _jumps.Add([]);
        return _steps.Count - 1;
    }

    private int Word(int from, string word)
    {
        foreach (char c in word)
        {
            int next = State();
            _steps[from].Add((c, c, next));
            from = next;
        }

        return from;
    }

    private int OneOf(int from, IReadOnlyList<string> words)
    {
        int end = State();
        foreach (string word in words)
        {
            _jumps[Word(from, word)].Add(end);
        }

        return end;
    }

    private int Number(int from)
    {
        int more = State();
        int end = State();
        _steps[from].Add(('0', '0', end));
        _steps[from].Add(('1', '9', more));
        _steps[more].Add(('0', '9', more));
        _jumps[more].Add(end);
        return end;
    }
}
