using System.Globalization;
using System.Text;
using Importer.Conversion;

namespace Importer.Cli.Output;

/// <summary>The end of an import for people.</summary>
internal static class ResultText
{
    /// <summary>The outcome's name, the same for people and machines.</summary>
    public static string Name(ImportOutcome outcome) => outcome switch
    {
        ImportOutcome.UpToDate => "up to date",
        ImportOutcome.Repaired => "repaired",
        ImportOutcome.Replaced => "replaced",
        _ => "imported",
    };

    public static string Render(ImportResult result)
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        var manifest = result.Manifest;
        var plan = result.Plan;
        text.AppendLine(culture, $"{Name(result.Outcome)}: {TerminalText.Line(result.Directory)}");
        foreach (string note in result.Notes)
        {
            text.AppendLine(culture, $"  note      {TerminalText.Line(note)}");
        }

        text.AppendLine(culture, $"  model     {manifest.Mapping.Family}, {Units.Parameters(plan.Totals.Parameters)} parameters, {Units.Count(manifest.Tensors, "tensor")}, {manifest.DType}");
        if (result.Outcome == ImportOutcome.UpToDate)
        {
            text.AppendLine(culture, $"  checked   {Units.Bytes(manifest.Files.Sum(file => file.Size))} against the manifest in {Units.Time(result.Elapsed)}");
            return TerminalText.Lines(text.ToString());
        }

        var seconds = Math.Max(0.001, result.Elapsed.TotalSeconds);
        long written = manifest.Files.Sum(file => file.Size);
        text.AppendLine(culture, $"  read      {Units.Bytes(plan.Totals.BytesToRead)}, skipped {Units.Bytes(plan.Totals.BytesToSkip)} that is no parameter");
        text.AppendLine(culture, $"  wrote     {Units.Bytes(written)} in {Units.Time(result.Elapsed)} ({Units.Bytes((long)(written / seconds))}/s)");
        foreach (var (name, to) in manifest.Tied)
        {
            text.AppendLine(culture, $"  tied      {name} is {to}");
        }

        text.AppendLine();
        text.AppendLine(culture, $"Load it:  using var model = PretrainedModel.FromPretrained({Literal(result.Directory)});");
        return TerminalText.Lines(text.ToString());
    }

    // As C# reads it.
    private static string Literal(string path) =>
        $"\"{TerminalText.Line(path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal))}\"";
}
