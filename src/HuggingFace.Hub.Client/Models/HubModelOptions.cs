namespace HuggingFace.Hub.Client;

/// <summary>Options for the download of the files that a model needs.</summary>
public sealed class HubModelOptions : HubDownloadOptions
{
    /// <summary>The directory in the repository that holds the model, such as <c>unet</c>. Default: the root.</summary>
    public string? Subfolder { get; init; }

    /// <summary>
    /// A variant of the weights, such as <c>fp16</c> in <c>model.fp16.safetensors</c>; never replaced by another one silently. Default:
    /// none.
    /// </summary>
    public string? Variant { get; init; }

    /// <summary>Which format of weights. Default: <see cref="HubWeightFormat.Auto"/>.</summary>
    public HubWeightFormat Weights { get; init; }

    /// <summary>Files that are wanted besides those that the model needs, as patterns of full paths. Default: none.</summary>
    public IReadOnlyList<string>? Include { get; init; }

    /// <summary>Files that are treated as if they were not in the repository, as patterns of full paths. Default: none.</summary>
    public IReadOnlyList<string>? Exclude { get; init; }
}
