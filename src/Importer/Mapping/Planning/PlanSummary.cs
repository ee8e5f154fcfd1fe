using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Mapping.Planning;

/// <summary>The figures of a plan and what a person should know of it.</summary>
internal static class PlanSummary
{
    internal static PlanTotals Totals(
        IReadOnlyList<PlanRow> rows, IReadOnlyList<PlannedTie> ties, IReadOnlyList<DroppedTensor> dropped)
    {
        HashSet<(string, long, long)> seen = [];
        long read = Sum(rows.Select(row => row.Source), seen);
        long verify = Sum(ties.Select(tie => tie.Check?.Copy).OfType<SourceTensor>(), seen);
        long skip = Sum(dropped.Select(drop => drop.Source), seen);
        return new PlanTotals(
            rows.Count,
            rows.Aggregate(0L, (sum, row) => Add(sum, row.ByteCount / ParameterDTypes.ByteSize(row.DType))),
            read,
            verify,
            skip,
            rows.Aggregate(0L, (sum, row) => Add(sum, row.ByteCount)),
            rows.Select(row => row.ByteCount).DefaultIfEmpty().Max(),
            rows.Where(row => !row.IsVerbatim).Select(row => row.Source.ByteCount).DefaultIfEmpty().Max());
    }

    internal static IReadOnlyList<string> Warnings(IReadOnlyList<PlanRow> rows)
    {
        List<string> warnings = [];
        List<IGrouping<DType, PlanRow>> types = [.. rows.GroupBy(row => row.DType)];
        if (types.Count > 1)
        {
            string list = string.Join(", ", types.Select(type => $"{type.Count()} are {DTypes.Name(type.Key)}"));
            warnings.Add($"The parameters have several element types ({list}); choose one dtype to make them alike.");
        }

        IEnumerable<IGrouping<(DType From, DType To), PlanRow>> casts =
            rows.Where(row => row.IsLossy).GroupBy(row => (row.Source.DType, row.DType));
        foreach (IGrouping<(DType From, DType To), PlanRow> cast in casts)
        {
            warnings.Add(
                $"{cast.Count()} of {rows.Count} parameters can lose precision or range:"
                + $" {DTypes.Name(cast.Key.From)} becomes {DTypes.Name(cast.Key.To)}.");
        }

        return warnings;
    }

    private static long Sum(IEnumerable<SourceTensor> tensors, HashSet<(string, long, long)> seen) =>
        tensors.Where(tensor => seen.Add((tensor.File, tensor.Offset, tensor.ByteCount)))
            .Aggregate(0L, (sum, tensor) => Add(sum, tensor.ByteCount));

    private static long Add(long sum, long value) => value > long.MaxValue - sum ? long.MaxValue : sum + value;
}
