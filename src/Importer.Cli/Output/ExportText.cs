using System.Globalization;
using System.Text;
using Importer.Export;
using Importer.Mapping;
using SafeTensorSharp;

namespace Importer.Cli.Output;

/// <summary>An export for people: what it would do, and what it did.</summary>
internal static class ExportText
{
    private const int FilesShown = 12;

    /// <summary>The format's name, as the command line spells it.</summary>
    public static string Name(ExportFormat format) => format == ExportFormat.NanoGpt ? "nanogpt" : "hf";

    /// <summary>The outcome's name, the same for people and machines.</summary>
    public static string Name(ExportOutcome outcome) => outcome == ExportOutcome.Replaced ? "replaced" : "exported";

    /// <summary>One line per rule of the mapping, then what it all amounts to.</summary>
    public static string Plan(ExportPreview export)
    {
        var plan = export.Plan;
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.AppendLine(culture, $"{TerminalText.Line(export.Source)} -> {TerminalText.Line(export.Target)}");
        text.AppendLine(culture, $"format {Name(export.Format)}, mapping {plan.Mapping.Name} {plan.Mapping.Version} backwards, prefix '{plan.Prefix}'");
        text.AppendLine();
        string[][] lines =
        [
            ["key", "from", "shape", "op", "dtype", "bytes", "count"],
            .. plan.Rows.GroupBy(row => (row.Rule, Target: PlanText.Collapse(row.Target))).Select(rows => PlanText.Line([.. rows])),
            .. plan.Generated.GroupBy(mask => PlanText.Collapse(mask.Name)).Select(masks => Line(masks.Key, [.. masks])),
        ];
        PlanText.AppendTable(text, lines);
        text.AppendLine();
        foreach (string note in export.Notes)
        {
            text.AppendLine(culture, $"note     {note}");
        }

        text.AppendLine(culture, $"files    {Files(export.Files)}");
        text.AppendLine(culture, $"write    {Units.Bytes(plan.BytesToWrite)} in {Units.Count(plan.Rows.Count + plan.Generated.Count, "tensor")}, {Units.Parameters(export.Parameters)} parameters{(export.BytesToWrite > plan.BytesToWrite ? $", and {Units.Bytes(export.BytesToWrite - plan.BytesToWrite)} of the optimizer's state" : "")}");
        text.AppendLine(culture, $"memory   {Units.Bytes(export.WorkingBytes)} of buffers at most");
        return TerminalText.Lines(text.ToString());
    }

    /// <summary>The end of an export.</summary>
    public static string Result(ExportResult result)
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.AppendLine(culture, $"{Name(result.Outcome)}: {TerminalText.Line(result.Directory)}");
        foreach (string note in result.Notes)
        {
            text.AppendLine(culture, $"  note      {TerminalText.Line(note)}");
        }

        long written = result.Files.Sum(file => file.Size);
        double seconds = Math.Max(0.001, result.Elapsed.TotalSeconds);
        string dtypes = string.Join(", ", result.Plan.Rows.Select(row => DTypes.Name(row.DType)).Distinct());
        text.AppendLine(culture, $"  model     {result.Plan.Mapping.Family}, {Units.Parameters(result.Parameters)} parameters, {Units.Count(result.Plan.Rows.Count + result.Plan.Generated.Count, "tensor")}, {dtypes}");
        text.AppendLine(culture, $"  files     {Files([.. result.Files.Select(file => file.Name)])}");
        text.AppendLine(culture, $"  wrote     {Units.Bytes(written)} in {Units.Time(result.Elapsed)} ({Units.Bytes((long)(written / seconds))}/s)");
        text.AppendLine();
        string path = TerminalText.Line(result.Directory.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal));
        text.AppendLine(result.Format == ExportFormat.NanoGpt
            ? $"Read it:  python sample.py --init_from=resume --out_dir={TerminalText.Line(result.Directory)}"
            : $"Read it:  AutoModelForCausalLM.from_pretrained(\"{path}\")");
        return TerminalText.Lines(text.ToString());
    }

    private static string Files(IReadOnlyList<string> names) => names.Count <= FilesShown
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(FilesShown))} and {names.Count - FilesShown} more";

    private static string[] Line(string key, IReadOnlyList<GeneratedTensor> masks) =>
    [
        key, "(made)", $"[{string.Join(", ", masks[0].Shape)}]", "tril", DTypes.Name(masks[0].DType), Units.Bytes(masks.Sum(mask => mask.ByteCount)),
        masks.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"x {masks.Count}"),
    ];
}
