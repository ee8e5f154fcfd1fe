using System.Globalization;
using System.Text;
using Importer.Conversion;
using Importer.Mapping;
using Importer.Mapping.Problems;
using SafeTensorSharp;

namespace Importer.Cli.Output;

/// <summary>Mapping tables for people.</summary>
internal static class MappingText
{
    public static string List(IReadOnlyList<WeightMapping> mappings)
    {
        int width = mappings.Max(mapping => mapping.Family.Length);
        return string.Concat(mappings.Select(mapping => $"{mapping.Family.PadRight(width)}  {mapping.Version}  {mapping.Title}\n"));
    }

    public static string Faults(IReadOnlyList<TableProblem> problems) =>
        string.Concat(problems.Select(problem => problem.Text + "\n")) + Units.Count(problems.Count, "error") + "\n";

    public static string Checked(WeightMapping mapping, ImportPlan? plan)
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.AppendLine(culture, $"{mapping.SourceName}: {mapping.Family} {mapping.Version} is a valid table");
        if (plan is not null)
        {
            var totals = plan.Plan.Totals;
            text.AppendLine(
                culture,
                $"{plan.Source} fits: {Units.Count(totals.Tensors, "parameter tensor")}, {plan.Plan.Ties.Count} tied, {Units.Count(plan.Plan.Dropped.Count, "tensor")} dropped");
        }

        return text.ToString();
    }

    public static string Explained(TensorExplanation explanation)
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.AppendLine(culture, $"{explanation.Name}: {FateOf(explanation)}");
        text.AppendLine(culture, $"  why       {explanation.Reason}");
        foreach (var row in explanation.Rows.Take(16))
        {
            foreach (var source in row.Sources.Take(16))
            {
                text.AppendLine(culture, $"  from      {source.Name} {DTypes.Name(source.DType)} [{string.Join(", ", source.Shape)}] in {source.File}, {Units.Bytes(source.ByteCount)} at {source.Offset}");
            }

            string lossy = row.IsLossy ? ", which can lose precision" : "";
            text.AppendLine(culture, $"  to        {row.Target} {DTypes.Name(row.DType)} [{string.Join(", ", row.Shape)}]{lossy}");
            if (row.Operation.Text.Length > 0)
            {
                text.AppendLine(culture, $"  by        {row.Operation.Text}{(row.Piece > 0 ? $", piece {row.Piece}" : "")}");
            }
        }

        if (explanation.Rule is { } rule)
        {
            text.AppendLine(culture, $"  rule      {rule.Path} of {explanation.Mapping.SourceName}, line {rule.Line}");
            text.AppendLine(culture, $"            {explanation.RuleText}");
        }

        text.AppendLine(culture, $"  mapping   {explanation.Mapping.Name} {explanation.Mapping.Version}, prefix '{explanation.Prefix}'");
        return text.ToString();
    }

    /// <summary>The fate's name, the same for people and machines.</summary>
    public static string FateOf(TensorExplanation explanation) => explanation.Fate.ToString().ToLowerInvariant();
}
