using Importer.Mapping.Language;
using Importer.Mapping.Problems;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Mapping.Planning;

/// <summary>Plans exports: a table run backwards over parameters, or one plan turned round.</summary>
internal static class ExportPlanner
{
    internal static ExportPlan Plan(
        WeightMapping mapping, ModelConfigValues config, IReadOnlyList<SourceTensor> parameters, ExportPlanOptions options)
    {
        IReadOnlyList<KeyPrefix> prefixes = KeyPrefix.Candidates(mapping.Table);
        KeyPrefix prefix = options.Prefix is null ? prefixes[0] : prefixes.First(candidate => candidate.Whole == options.Prefix);
        LoadPlan plan = mapping.Reversed(prefix).Compile(config, parameters, new PlanOptions { TargetDType = options.TargetDType });

        // The plan stands, so the configuration binds.
        BoundMapping bound = BoundMapping.Bind(mapping.Table, config, new PlanOptions().MaxNames, [])!;
        List<PlanRow> rows = [.. plan.Rows];
        Dictionary<string, PlanRow> byParameter = plan.Rows.Where(row => row.Operation.IsNone).ToDictionary(row => row.Source.Name, StringComparer.Ordinal);
        foreach (TieRule tie in bound.Ties.Where(tie => tie.Source is not null && (options.TiedCopies ?? tie.Exports)))
        {
            if (byParameter.TryGetValue(tie.To, out PlanRow? original))
            {
                rows.Add(Copy(original, prefix.Before(tie.Source!) + tie.Source!.Parts[0].Literal, tie.Location));
            }
        }

        IReadOnlyList<GeneratedTensor> generated = options.RestoreDropped ? [.. Generate(bound, prefix, options.DroppedDType)] : [];
        return new ExportPlan(mapping, prefix.Whole, rows, generated, PlanSummary.Warnings(plan.Rows));
    }

    internal static ExportPlan Invert(LoadPlan plan, IReadOnlyList<SourceTensor> parameters, bool restoreDropped)
    {
        ProblemList problems = new();
        Dictionary<string, SourceTensor> byName = parameters.ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);
        foreach (PlanRow row in plan.Rows)
        {
            if (!byName.TryGetValue(row.Target, out SourceTensor? parameter))
            {
                problems.Add(new MissingTensor(row.Target, row.Shape, null, [], row.Rule));
            }
            else if (!parameter.Shape.SequenceEqual(row.Shape))
            {
                problems.Add(new WrongShape(row.Target, "", row.Shape, parameter.Shape, row.Rule));
            }
        }

        if (!problems.IsEmpty)
        {
            throw Remedies.Mismatch(plan.Mapping, plan.Prefix, problems);
        }

        List<PlanRow> rows = [];
        foreach (IGrouping<string, (PlanRow Row, int Number)> tensor in plan.Rows
            .SelectMany(row => row.Sources.Select((source, number) => (Source: source, Row: row, Number: number)))
            .GroupBy(use => use.Source.Name, use => (use.Row, use.Number)))
        {
            (PlanRow first, int number) = tensor.First();
            SourceTensor original = first.Sources[number];
            SourceTensor[] pieces = [.. tensor.OrderBy(use => use.Row.Piece).Select(use => byName[use.Row.Target])];

            // 8-bit floats were widened for good; everything else goes back to what it was.
            DType dtype = ParameterDTypes.IsParameter(original.DType) ? original.DType : pieces[0].DType;
            long bytes = DTypes.ByteCount(dtype, original.Shape.Aggregate(1L, (product, size) => product * size));
            rows.Add(new PlanRow(original.Name, original.Shape, pieces, first.Operation.Inverse, number, dtype, bytes, first.Rule));
        }

        foreach (PlannedTie tie in plan.Ties.Where(tie => tie.StoredAs is not null))
        {
            PlanRow filled = plan.Find(tie.To)!;
            rows.Add(Copy(rows.First(row => row.Target == filled.Source.Name), tie.StoredAs!, tie.Rule));
        }

        IEnumerable<GeneratedTensor> generated = plan.Dropped.Where(drop => restoreDropped && drop.Content != DropContent.Unspecified)
            .Select(drop => new GeneratedTensor(drop.Source.Name, drop.Source.Shape, drop.Source.DType, drop.Content, drop.Rule));
        return new ExportPlan(plan.Mapping, plan.Prefix, rows, [.. generated], PlanSummary.Warnings(rows));
    }

    private static PlanRow Copy(PlanRow row, string key, RuleLocation rule) =>
        new(key, row.Shape, row.Sources, row.Operation, row.Piece, row.DType, row.ByteCount, rule);

    private static IEnumerable<GeneratedTensor> Generate(BoundMapping bound, KeyPrefix prefix, DType dtype)
    {
        char[] buffer = new char[128];
        foreach ((BoundRule rule, int[] values) in BoundMapping.Walk(bound.Drops))
        {
            if (rule.Rule is DropRule { Content: not DropContent.Unspecified } drop)
            {
                Template key = rule.Source(0, values);
                int length = key.Write(ref buffer, prefix.Before(key), drop.Variables, values);
                yield return new GeneratedTensor(new string(buffer, 0, length), rule.Shape(0), dtype, drop.Content, drop.Location);
            }
        }
    }
}
