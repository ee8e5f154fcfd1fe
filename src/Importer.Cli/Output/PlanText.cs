using System.Globalization;
using System.Text;
using Importer.Conversion;
using Importer.Mapping;
using SafeTensorSharp;

namespace Importer.Cli.Output;

/// <summary>A plan for people: one line per rule of the mapping, then what it all amounts to.</summary>
internal static class PlanText
{
    public static string Render(ImportPlan import)
    {
        var plan = import.Plan;
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.AppendLine(culture, $"{TerminalText.Line(import.Source)} -> {TerminalText.Line(import.Target)}");
        text.AppendLine(culture, $"mapping {plan.Mapping.Name} {plan.Mapping.Version}, prefix '{plan.Prefix}', {Units.Bytes(import.HeaderBytes)} of headers read");
        text.AppendLine();

        // Rules expand to a row per layer; people read the rule.
        string[][] lines =
        [
            ["tensor", "from", "shape", "op", "dtype", "bytes", "count"],
            .. plan.Rows.GroupBy(row => (row.Rule, Target: Collapse(row.Target))).Select(rows => Line([.. rows])),
        ];
        AppendTable(text, lines);

        text.AppendLine();
        foreach (var tie in plan.Ties)
        {
            text.AppendLine(culture, $"tied     {tie.Target} is {tie.To}{(tie.Check is null ? "" : "; the stored copy must equal it")}");
        }

        foreach (var dropped in plan.Dropped.GroupBy(dropped => (Name: Collapse(dropped.Source.Name), dropped.Reason)))
        {
            text.AppendLine(culture, $"dropped  {dropped.Key.Name} ({Units.Count(dropped.Count(), "tensor")}, {Units.Bytes(dropped.Sum(d => d.Source.ByteCount))}): {dropped.Key.Reason}");
        }

        foreach (string warning in plan.Warnings)
        {
            text.AppendLine(culture, $"warning  {warning}");
        }

        var totals = plan.Totals;
        text.AppendLine(culture, $"read     {Units.Bytes(totals.BytesToRead)} in {Units.Count(plan.Rows.Count, "tensor")}, {Units.Parameters(totals.Parameters)} parameters");
        text.AppendLine(culture, $"skip     {Units.Bytes(totals.BytesToSkip)} in {Units.Count(plan.Dropped.Count, "tensor")}");
        text.AppendLine(culture, $"write    {Units.Bytes(totals.BytesToWrite)}");
        text.AppendLine(culture, $"memory   {Units.Bytes(totals.BytesToWrite)} in the loaded model; {Units.Bytes(import.WorkingBytes)} of buffers at most while importing");
        return TerminalText.Lines(text.ToString());
    }

    /// <summary>Lines of cells, in columns.</summary>
    internal static void AppendTable(StringBuilder text, string[][] lines)
    {
        var widths = Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
        {
            text.AppendLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    /// <summary>The rows of one rule as one line.</summary>
    internal static string[] Line(List<PlanRow> rows)
    {
        var row = rows[0];
        string from = string.Join(" + ", row.Sources.Select(source => Collapse(source.Name)).Distinct());
        string dtypes = string.Join("/", row.Sources.Select(source => DTypes.Name(source.DType)).Distinct());
        return
        [
            Collapse(row.Target), from, $"[{string.Join(", ", row.Source.Shape)}]{(row.Sources.Count > 1 ? $" x {row.Sources.Count}" : "")}",
            row.Operation.Text, row.IsCast ? $"{dtypes} -> {DTypes.Name(row.DType)}{(row.IsLossy ? " (lossy)" : "")}" : dtypes,
            Units.Bytes(rows.Sum(r => r.ByteCount)), rows.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"x {rows.Count}"),
        ];
    }

    /// <summary>transformer.h.11.ln_1.bias is one of transformer.h.*.ln_1.bias.</summary>
    internal static string Collapse(string name) =>
        string.Join('.', name.Split('.').Select(part => part.Length > 0 && part.All(char.IsAsciiDigit) ? "*" : part));
}
