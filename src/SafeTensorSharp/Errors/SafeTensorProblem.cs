using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>One of several things that are wrong at once.</summary>
/// <param name="Kind">The rule that is broken.</param>
/// <param name="Message">What is wrong, with names escaped.</param>
/// <param name="TensorName">The tensor, where one is concerned; not escaped.</param>
/// <param name="FileName">The file of the set, where one is concerned; not escaped.</param>
public sealed record SafeTensorProblem(SafeTensorErrorKind Kind, string Message, string? TensorName = null, string? FileName = null)
{
    private const int Shown = 20;

    internal static string Join(IReadOnlyList<SafeTensorProblem> problems)
    {
        string list = string.Join("; ", problems.Take(Shown).Select(p => p.Message));
        return problems.Count > Shown ? Invariant($"{list}; and {problems.Count - Shown:N0} more") : list;
    }
}
