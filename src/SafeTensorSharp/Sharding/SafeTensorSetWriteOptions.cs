using SharedSource.Text;

namespace SafeTensorSharp;

/// <summary>How a model is written in several files.</summary>
public sealed class SafeTensorSetWriteOptions
{
    internal static SafeTensorSetWriteOptions Default { get; } = new();

    /// <summary>
    /// The most bytes of tensors in one file; a larger tensor gets a file of its own. 5,000,000,000 by default, as in transformers.
    /// </summary>
    public long MaxShardBytes { get; init; } = 5_000_000_000;

    /// <summary>What the files' names begin with; <c>model</c> by default.</summary>
    public string BaseName { get; init; } = "model";

    /// <summary>How each file is written.</summary>
    public SafeTensorWriteOptions Files { get; init; } = SafeTensorWriteOptions.Default;

    internal static SafeTensorSetWriteOptions Validate(SafeTensorSetWriteOptions? options)
    {
        options ??= Default;
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxShardBytes, 1, nameof(MaxShardBytes));
        ArgumentNullException.ThrowIfNull(options.BaseName, nameof(BaseName));
        ArgumentNullException.ThrowIfNull(options.Files, nameof(Files));
        SafeTensorWriteOptions.Validate(options.Files);
        return ShardNames.Problem(options.BaseName + ".safetensors") is { } problem
            ? throw new ArgumentException($"{nameof(BaseName)} {Escape.Quote(options.BaseName)} {problem}.", nameof(options))
            : options;
    }
}
