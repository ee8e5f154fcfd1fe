using Importer.Models;

namespace Importer.Evaluation;

/// <summary>How a text's loss is taken.</summary>
public sealed class EvaluationOptions
{
    /// <summary>Tokens per window, at least 2. <value>The default, null, is the model's context, at most 2,048.</value></summary>
    public int? WindowLength { get; init; }

    /// <summary>
    /// How far a window is from the one before it. The fewer, the more every token has before it and the longer it takes; the window's
    /// length puts windows side by side, and the first token of each, which has nothing before it, is not counted. <value>The default, null, is half the window.</value>
    /// </summary>
    public int? Stride { get; init; }

    /// <summary>Told how many tokens are done. <value>The default is null.</value></summary>
    public IProgress<EvaluationProgress>? Progress { get; init; }

    internal (int Window, int Stride) Resolve(ModelConfig config)
    {
        int window = WindowLength ?? Math.Min(config.BlockSize, 2048);
        if (window < 2 || window > config.BlockSize)
        {
            throw new ArgumentException(
                $"WindowLength is {window}; it is from 2 to the model's context, {config.BlockSize}.");
        }

        int stride = Stride ?? window / 2;
        return stride >= 1 && stride <= window
            ? (window, stride)
            : throw new ArgumentException($"Stride is {stride}; it is from 1 to the window's {window} tokens.");
    }
}
