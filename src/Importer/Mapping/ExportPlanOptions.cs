using SafeTensorSharp;

namespace Importer.Mapping;

/// <summary>What an export is to aim at. The defaults are the table's own form: its first prefix, tied tensors as it says, no masks.</summary>
public sealed class ExportPlanOptions
{
    /// <summary>What stands before the keys, one of the table's. <value>The default, null, is its first one.</value></summary>
    public string? Prefix { get; init; }

    /// <summary>The element type of every tensor: F16, BF16, F32 or F64. <value>The default, null, is that of each parameter.</value></summary>
    public DType? TargetDType { get; init; }

    /// <summary>Whether what is tied is written twice. <value>The default, null, is as the table says: its ties' <c>export</c>.</value></summary>
    public bool? TiedCopies { get; init; }

    /// <summary>Whether buffers that the table can make again, such as causal masks, are written. <value>The default is false.</value></summary>
    public bool RestoreDropped { get; init; }

    /// <summary>The element type of such buffers. <value>The default is F32, which gpt2's own masks have.</value></summary>
    public DType DroppedDType { get; init; } = DType.F32;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate(WeightMapping mapping)
    {
        new PlanOptions { TargetDType = TargetDType }.Validate();
        if (Prefix is not null && !Planning.KeyPrefix.Candidates(mapping.Table).Any(candidate => candidate.Whole == Prefix))
        {
            throw new ArgumentException($"{nameof(Prefix)} is {NameText.Quote(Prefix)}, which is none of the prefixes of {mapping.Name}.", nameof(mapping));
        }
    }
}
