using System.Text;
using Importer.Mapping.Problems;

namespace Importer.Mapping;

/// <summary>
/// The base of everything that mapping a checkpoint reports: all problems at once, in <see cref="Problems"/>.
/// </summary>
public abstract class MappingException : PretrainedException
{
    private const int ShownPerKind = 8;

    private protected MappingException(string heading, IReadOnlyList<MappingProblem> problems, int omitted, string remedy)
        : base(Compose(heading, problems, omitted, remedy))
    {
        Remedy = remedy;
        Problems = problems;
        OmittedProblems = omitted;
    }

    /// <summary>Every problem found, the telling ones first. The message shows the first few of each kind.</summary>
    public IReadOnlyList<MappingProblem> Problems { get; }

    /// <summary>How many more there were than <see cref="Problems"/> holds (1,000 of each kind are kept).</summary>
    public int OmittedProblems { get; }

    private static string Compose(string heading, IReadOnlyList<MappingProblem> problems, int omitted, string remedy)
    {
        StringBuilder text = new(heading);
        int hidden = omitted;
        foreach (IGrouping<Type, MappingProblem> kind in problems.GroupBy(problem => problem.GetType()))
        {
            foreach (MappingProblem problem in kind.Take(ShownPerKind))
            {
                text.Append("\n  ").Append(problem.Text);
            }

            hidden += Math.Max(0, kind.Count() - ShownPerKind);
        }

        if (hidden > 0)
        {
            text.Append("\n  … and ").Append(hidden).Append(" more");
        }

        return text.Append('\n').Append(remedy).ToString();
    }
}
