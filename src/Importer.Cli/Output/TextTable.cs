namespace Importer.Cli.Output;

/// <summary>Columns of text, each as wide as its widest cell.</summary>
internal static class TextTable
{
    /// <summary>The lines of a table.</summary>
    /// <param name="lines">The cells of each line, as many in each.</param>
    /// <param name="right">The columns that are set to the right, as numbers are.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<string[]> lines, params int[] right)
    {
        int[] widths = [.. Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length))];
        return lines.Select(line => string.Join("  ", line.Select((cell, column) =>
            right.Contains(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
    }
}
