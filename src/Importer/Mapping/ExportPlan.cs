using System.Collections.Frozen;

namespace Importer.Mapping;

/// <summary>
/// A mapping run backwards over a model's parameters: for every tensor of a checkpoint what it is made of. It is made by
/// <see cref="WeightMapping.PlanExport"/>, or by <see cref="LoadPlan.Invert"/> from the plan that filled the parameters.
/// </summary>
public sealed class ExportPlan
{
    private readonly Lazy<FrozenDictionary<string, PlanRow>> _byKey;

    internal ExportPlan(
        WeightMapping mapping, string prefix, IReadOnlyList<PlanRow> rows, IReadOnlyList<GeneratedTensor> generated, IReadOnlyList<string> warnings)
    {
        Mapping = mapping;
        Prefix = prefix;
        Rows = rows;
        Generated = generated;
        Warnings = warnings;
        BytesToWrite = rows.Sum(row => row.ByteCount) + generated.Sum(tensor => tensor.ByteCount);
        _byKey = new(() => Rows.ToFrozenDictionary(row => row.Target, StringComparer.Ordinal));
    }

    /// <summary>The mapping, as it reads a checkpoint.</summary>
    public WeightMapping Mapping { get; }

    /// <summary>What stands before the keys, such as <c>transformer.</c>.</summary>
    public string Prefix { get; }

    /// <summary>
    /// One row per tensor that parameters fill, in the order of the table: <see cref="PlanRow.Target"/> is its key,
    /// <see cref="PlanRow.Sources"/> are parameters.
    /// </summary>
    public IReadOnlyList<PlanRow> Rows { get; }

    /// <summary>The tensors that are made from nothing, such as causal masks.</summary>
    public IReadOnlyList<GeneratedTensor> Generated { get; }

    /// <summary>What a person should know although the plan holds: one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Bytes of all tensors.</summary>
    public long BytesToWrite { get; }

    /// <summary>The row of a key, or null where no parameter fills it.</summary>
    /// <param name="key">The key in the checkpoint, prefix included.</param>
    public PlanRow? Find(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _byKey.Value.GetValueOrDefault(key);
    }
}
