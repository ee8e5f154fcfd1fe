using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Export;

/// <summary>How a model is exported.</summary>
public sealed class ExportOptions
{
    /// <summary>The layout. <value>The default is <see cref="ExportFormat.Transformers"/>.</value></summary>
    public ExportFormat Format { get; init; }

    /// <summary>
    /// The dtype to write: F32, F64, F16 or BF16, rounded to nearest, ties to even. A number that it cannot hold is an error, not an
    /// infinity. <value>The default, null, keeps each parameter's own, bit for bit.</value>
    /// </summary>
    public DType? DType { get; init; }

    /// <summary>
    /// The most bytes of tensors in one safetensors file; a larger model is written in shards with an index.
    /// <value>The default is 5,000,000,000, as in transformers.</value>
    /// </summary>
    public long MaxShardBytes { get; init; } = 5_000_000_000;

    /// <summary>
    /// Whether an earlier export at the same place is replaced. What no export made is never replaced.
    /// <value>The default is false.</value>
    /// </summary>
    public bool Force { get; init; }

    /// <summary>
    /// Whether causal masks are written, which today's versions make themselves: readers of before 2023 want them, among them nanoGPT on
    /// PyTorch 1. <value>The default is false.</value>
    /// </summary>
    public bool WriteMasks { get; init; }

    /// <summary>
    /// A mapping table of your own by which the source is read, as for an import. What is written has the layout of the library's own
    /// table. An imported directory brings its table with it. <value>The default, null, finds the table by the keys of the weights.</value>
    /// </summary>
    public string? MappingFile { get; init; }

    /// <summary>
    /// What nanoGPT's checkpoint holds beside the model. <value>The default, null, is what the source's own ckpt.pt has, or else the
    /// beginning of a training.</value>
    /// </summary>
    public NanoGptState? NanoGpt { get; init; }

    /// <summary>
    /// Whether the optimizer's state in a ckpt.pt of nanoGPT goes along into the one that is made of it, so that its training can go on.
    /// It is twice as large as the model. <value>The default is true.</value>
    /// </summary>
    public bool KeepOptimizer { get; init; } = true;

    /// <summary>Told how far the export has come. <value>The default is null.</value></summary>
    public IProgress<ExportProgress>? Progress { get; init; }

    /// <summary>
    /// How a model that is named by its id is fetched: revision, token, cache, offline and the rest.
    /// <value>The default, null, is the main branch with the environment's settings.</value>
    /// </summary>
    public HubAccess? Hub { get; init; }

    internal void Validate()
    {
        if (!Enum.IsDefined(Format))
        {
            throw new ArgumentException($"Format is {Format}; it is Transformers or NanoGpt.", nameof(Format));
        }

        if (DType is { } dtype && dtype is not (SafeTensorSharp.DType.F32 or SafeTensorSharp.DType.F64 or SafeTensorSharp.DType.F16 or SafeTensorSharp.DType.BF16))
        {
            throw new ArgumentException($"DType is {DTypes.Name(dtype)}; weights are written as F32, F64, F16 or BF16.", nameof(DType));
        }

        if (MaxShardBytes < 1)
        {
            throw new ArgumentException(FormattableString.Invariant($"MaxShardBytes is {MaxShardBytes}; a file holds at least 1 byte."), nameof(MaxShardBytes));
        }
    }
}
