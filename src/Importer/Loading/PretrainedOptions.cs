using HuggingFace.Hub.Client;
using Importer.Sources;
using Microsoft.Extensions.Logging;
using static TorchSharp.torch;

namespace Importer.Loading;

/// <summary>How a pretrained model is loaded.</summary>
public sealed class PretrainedOptions
{
    /// <summary>Where the parameters go. <value>The default, null, is CUDA where there is one, else the CPU.</value></summary>
    public Device? Device { get; init; }

    /// <summary>
    /// The dtype of the parameters: float32, float64, float16 or bfloat16. <value>The default, null, is float32,
    /// whatever the checkpoint has.</value>
    /// </summary>
    public ScalarType? DType { get; init; }

    /// <summary>
    /// One dropout for embeddings, attention and residuals, from 0 to 1. <value>The default, null, takes the
    /// configuration's. Dropout acts in training mode only.</value>
    /// </summary>
    public double? Dropout { get; init; }

    /// <summary>
    /// A context shorter than the checkpoint's, in tokens: the position table is cropped to its first rows.
    /// <value>The default, null, keeps the checkpoint's.</value>
    /// </summary>
    public int? BlockSize { get; init; }

    /// <summary>Whether the model comes in training mode. <value>The default, false, is evaluation mode.</value></summary>
    public bool Training { get; init; }

    /// <summary>
    /// Whether an imported directory's file may be mapped instead of read. <value>The default is true: the parameters
    /// are private views of the file, changed pages are copied, and loading takes no time. Choose false on file
    /// systems where a mapped file may disappear, such as network shares.</value>
    /// </summary>
    public bool MapWhenPossible { get; init; } = true;

    /// <summary>
    /// A mapping table of your own that is used instead of the library's: a file in the language that <c>mappings/README.md</c>
    /// explains. <value>The default, null, finds the table by the keys of the weights.</value>
    /// </summary>
    public string? MappingFile { get; init; }

    /// <summary>
    /// For those who generate text, another tokenizer than the one beside the weights: a directory, or a model's id, of which only the
    /// tokenizer is fetched. <value>The default, null, is the model's own; of a nanoGPT checkpoint without one, GPT-2's.</value>
    /// </summary>
    public string? Tokenizer { get; init; }

    /// <summary>Told what was loaded and what is odd. <value>The default is null: nothing is logged.</value></summary>
    public ILogger? Logger { get; init; }

    /// <summary>Told how far the load has come. <value>The default is null.</value></summary>
    public IProgress<LoadProgress>? Progress { get; init; }

    /// <summary>
    /// How a model that is named by its id is fetched: revision, token, cache, offline and the rest.
    /// <value>The default, null, is the main branch with the environment's settings.</value>
    /// </summary>
    public HubAccess? Hub { get; init; }

    /// <summary>The hub access, with downloads reported as a phase of the load where nobody listens to them otherwise.</summary>
    internal HubAccess HubForProgress() => Hub?.Progress is not null || Progress is null
        ? Hub ?? new HubAccess()
        : new HubAccess { Client = Hub?.Client, Model = Hub?.Model, Progress = new DownloadPhase(Progress) };

    internal void Validate()
    {
        if (DType is { } dtype && dtype is not (ScalarType.Float32 or ScalarType.Float64 or ScalarType.Float16 or ScalarType.BFloat16))
        {
            throw new ArgumentException($"DType is {dtype}; parameters are Float32, Float64, Float16 or BFloat16.", nameof(DType));
        }

        if (Dropout is { } dropout && dropout is not (>= 0 and <= 1))
        {
            throw new ArgumentException(FormattableString.Invariant($"Dropout is {dropout}; it is a probability from 0 to 1."), nameof(Dropout));
        }

        if (BlockSize is { } size && size < 1)
        {
            throw new ArgumentException(FormattableString.Invariant($"BlockSize is {size}; it is at least 1 token."), nameof(BlockSize));
        }
    }

    private sealed class DownloadPhase(IProgress<LoadProgress> progress) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) =>
            progress.Report(new LoadProgress(LoadPhase.Downloading, value.TotalBytes, value.TotalSize ?? value.TotalBytes));
    }
}
