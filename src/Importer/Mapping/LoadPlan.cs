using System.Collections.Frozen;
using Importer.Mapping.Planning;
using Importer.Sources;

namespace Importer.Mapping;

/// <summary>
/// What a mapping, a configuration and the headers of a checkpoint come to: for every parameter its source, and for every tensor
/// of the checkpoint its fate. A plan exists only if everything fits; nothing of the data has been read for it.
/// </summary>
public sealed class LoadPlan
{
    private readonly Lazy<FrozenDictionary<string, PlanRow>> _byTarget;
    private readonly Lazy<IReadOnlyList<PlanRow>> _inFileOrder;

    internal LoadPlan(
        WeightMapping mapping, string prefix, IReadOnlyList<PlanRow> rows, IReadOnlyList<PlannedTie> ties,
        IReadOnlyList<DroppedTensor> dropped, IReadOnlyList<string> warnings, PlanTotals totals)
    {
        Mapping = mapping;
        Prefix = prefix;
        Rows = rows;
        Ties = ties;
        Dropped = dropped;
        Warnings = warnings;
        Totals = totals;
        _byTarget = new(() => Rows.ToFrozenDictionary(row => row.Target, StringComparer.Ordinal));
        _inFileOrder = new(() =>
        [
            .. Rows.OrderBy(row => row.Source.File, StringComparer.Ordinal).ThenBy(row => row.Source.Offset)
        ]);
    }

    /// <summary>The mapping that was used; its name and version belong in a manifest.</summary>
    public WeightMapping Mapping { get; }

    /// <summary>The prefix under which the checkpoint's keys were found, such as <c>transformer.</c>; often empty.</summary>
    public string Prefix { get; }

    /// <summary>One row per parameter to fill, in the model's order: embeddings, blocks one after the other, final layers.</summary>
    public IReadOnlyList<PlanRow> Rows { get; }

    /// <summary>The same rows by file name and then by offset, for sequential reading.</summary>
    public IReadOnlyList<PlanRow> RowsInFileOrder => _inFileOrder.Value;

    /// <summary>The parameters that share another's tensor.</summary>
    public IReadOnlyList<PlannedTie> Ties { get; }

    /// <summary>The tensors that are not read.</summary>
    public IReadOnlyList<DroppedTensor> Dropped { get; }

    /// <summary>What a person should know although the plan holds: one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Bytes and counts.</summary>
    public PlanTotals Totals { get; }

    /// <summary>
    /// The plan turned round: every tensor that was loaded, made again from the parameters under its own key, in its own layout and
    /// element type; also the second copies of what is tied, where there were any.
    /// </summary>
    /// <param name="parameters">The parameters as they are now, by the names of <see cref="PlanRow.Target"/>.</param>
    /// <param name="restoreDropped">Whether dropped tensors whose content is known are made again too.</param>
    /// <exception cref="CheckpointMismatchException">Parameters are missing or of other shapes.</exception>
    public ExportPlan Invert(IReadOnlyList<SourceTensor> parameters, bool restoreDropped = false)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return ExportPlanner.Invert(this, parameters, restoreDropped);
    }

    /// <summary>The row that fills a parameter, or null where none of that name is filled.</summary>
    /// <param name="target">The parameter's name.</param>
    public PlanRow? Find(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return _byTarget.Value.GetValueOrDefault(target);
    }
}
