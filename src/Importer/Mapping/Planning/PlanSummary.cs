using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Mapping.Planning;

/// <summary>The figures of a plan and what a person should know of it.</summary>
internal static class PlanSummary
{
    internal static PlanTotals Totals(
        IReadOnlyList<PlanRow> rows, IReadOnlyList<PlannedTie> ties, IReadOnlyList<DroppedTensor> dropped)
    {
        HashSet<SourceRange> seen = [];
        long read = 0, write = 0, parameters = 0, largest = 0, staged = 0;
        foreach (PlanRow row in rows)
        {
            read = row.Sources.Aggregate(read, (sum, source) => Add(sum, Unseen(source, seen)));
            write = Add(write, row.ByteCount);
            parameters = Add(parameters, row.ByteCount / ParameterDTypes.ByteSize(row.DType));
            largest = Math.Max(largest, row.ByteCount);
            staged = row.IsVerbatim ? staged : Math.Max(staged, row.Sources.Max(source => source.ByteCount));
        }

        long verify = 0, skip = 0;
        foreach (PlannedTie tie in ties)
        {
            verify = tie.Check is null ? verify : Add(verify, Unseen(tie.Check.Copy, seen));
        }

        foreach (DroppedTensor drop in dropped)
        {
            skip = Add(skip, Unseen(drop.Source, seen));
        }

        return new PlanTotals(rows.Count, parameters, read, verify, skip, write, largest, staged);
    }

    internal static IReadOnlyList<string> Warnings(IReadOnlyList<PlanRow> rows)
    {
        DType first = rows.Count == 0 ? default : rows[0].DType;
        if (rows.All(row => row.DType == first && !row.IsLossy && !row.IsCropped))
        {
            return [];
        }

        List<string> warnings = [.. rows.Where(row => row.IsCropped).Select(row =>
            $"{NameText.Quote(row.Target)} is a part of {NameText.Quote(row.Source.Name)} ({row.Operation.Text}); the rest is not used.")];
        List<IGrouping<DType, PlanRow>> types = [.. rows.GroupBy(row => row.DType)];
        if (types.Count > 1)
        {
            string list = string.Join(", ", types.Select(type => $"{type.Count()} are {DTypes.Name(type.Key)}"));
            warnings.Add($"The parameters have several element types ({list}); choose one dtype to make them alike.");
        }

        IEnumerable<IGrouping<(DType From, DType To), PlanRow>> casts =
            rows.Where(row => row.IsLossy)
                .GroupBy(row => (row.Sources.First(source => ParameterDTypes.IsLossy(source.DType, row.DType)).DType, row.DType));
        foreach (IGrouping<(DType From, DType To), PlanRow> cast in casts)
        {
            warnings.Add(
                $"{cast.Count()} of {rows.Count} parameters can lose precision or range:"
                + $" {DTypes.Name(cast.Key.From)} becomes {DTypes.Name(cast.Key.To)}.");
        }

        return warnings;
    }

    private static long Unseen(SourceTensor tensor, HashSet<SourceRange> seen) =>
        seen.Add(new SourceRange(tensor.File, tensor.Offset, tensor.ByteCount)) ? tensor.ByteCount : 0;

    private static long Add(long sum, long value) => value > long.MaxValue - sum ? long.MaxValue : sum + value;

    private sealed record SourceRange(string File, long Offset, long ByteCount);
}
