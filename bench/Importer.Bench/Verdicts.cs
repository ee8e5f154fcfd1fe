using System.Globalization;

namespace Importer.Bench;

/// <summary>Collects measured figures with their targets, and says at the end which were met.</summary>
internal sealed class Verdicts
{
    private readonly List<(string What, double Value, string Relation, double Target)> _rows = [];

    public void AtMost(string what, double value, double target) => Add(what, value, "<=", target);

    public void AtLeast(string what, double value, double target) => Add(what, value, ">=", target);

    public static void Note(FormattableString text) => Console.WriteLine("   " + text.ToString(CultureInfo.InvariantCulture));

    /// <summary>Prints the summary.</summary>
    /// <returns>0 when every target was met, else 1.</returns>
    public int Print()
    {
        Console.WriteLine();
        foreach (var row in _rows)
        {
            Console.WriteLine(Line(row));
        }

        return _rows.All(IsMet) ? 0 : 1;
    }

    private void Add(string what, double value, string relation, double target)
    {
        _rows.Add((what, value, relation, target));
        Console.WriteLine("   " + Line(_rows[^1]));
    }

    private static bool IsMet((string What, double Value, string Relation, double Target) row) =>
        row.Relation == "<=" ? row.Value <= row.Target : row.Value >= row.Target;

    private static string Line((string What, double Value, string Relation, double Target) row) => string.Create(
        CultureInfo.InvariantCulture, $"{(IsMet(row) ? "ok    " : "MISSED")} {row.What}: {row.Value:0.###} (target {row.Relation} {row.Target:0.###})");
}
