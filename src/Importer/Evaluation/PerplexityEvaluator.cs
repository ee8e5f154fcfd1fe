using Importer.Generation;
using Importer.Models;
using static TorchSharp.torch;

namespace Importer.Evaluation;

/// <summary>
/// Loss and perplexity of a text of any length, in windows that overlap, as transformers' documentation does it ("Perplexity of
/// fixed-length models"): in each window only those tokens count that no window before had, so every token but the first counts once.
/// </summary>
/// <remarks>
/// That page's program weighs each window's mean by one token too few, since its model drops a label at the front that was not
/// counted anyway; here the mean is over all predicted tokens.
/// </remarks>
public static class PerplexityEvaluator
{
    // The logits of this many positions are held at a time; those of a window of gpt2 would take 206 MB.
    private const int Rows = 128;

    /// <summary>Evaluates a text.</summary>
    /// <param name="model">The model, in evaluation mode.</param>
    /// <param name="ids">The text's tokens, two at least.</param>
    /// <param name="options">Window and stride; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the work between two windows.</param>
    /// <exception cref="ArgumentException">There are less than two tokens, one is not in the vocabulary, or an option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The model is in training mode.</exception>
    /// <exception cref="GenerationException">The model gives logits that are not numbers.</exception>
    public static EvaluationResult Evaluate(
        PretrainedModel model, ReadOnlySpan<int> ids, EvaluationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new EvaluationOptions();
        var (window, stride) = options.Resolve(model.Config);
        Check(model, ids);
        using var mode = inference_mode();
        var device = model.Decoder.Tokens.Weight.device;
        double sum = 0;
        long done = 0;
        for (int begin = 0, previousEnd = 1; previousEnd < ids.Length; begin += stride)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            int end = Math.Min(begin + window, ids.Length);
            long[] part = new long[end - begin];
            for (int i = 0; i < part.Length; i++)
            {
                part[i] = ids[begin + i];
            }

            // The last token of a window predicts nothing, and what predicts an earlier window's token counts no more.
            var tokens = tensor(part, [1, part.Length], device: device);
            int first = Math.Max(previousEnd, begin + 1) - begin - 1, count = part.Length - 1 - first;
            if (count == 0)
            {
                break; // windows side by side, and one token left over
            }

            var hidden = model.Hidden(tokens).narrow(1, first, count).view(count, -1);
            sum += Sum(model, hidden, tokens.narrow(1, first + 1, count).view(count));
            if (double.IsNaN(sum))
            {
                throw new GenerationException(
                    $"The model's logits in the window from token {begin} on are not numbers. Load it in another dtype, or check its weights.");
            }

            done += count;
            previousEnd = end;
            options.Progress?.Report(new EvaluationProgress(done, ids.Length - 1, sum / done));
        }

        return new EvaluationResult(sum / done, ids.Length, done, window, stride);
    }

    private static double Sum(PretrainedModel model, Tensor hidden, Tensor targets)
    {
        double sum = 0;
        for (long row = 0; row < hidden.shape[0]; row += Rows)
        {
            using var scope = NewDisposeScope();
            long rows = Math.Min(Rows, hidden.shape[0] - row);
            var logits = model.Head(hidden.narrow(0, row, rows)).to(float32);
            var losses = nn.functional.cross_entropy(logits, targets.narrow(0, row, rows), reduction: nn.Reduction.None);
            sum += losses.to(float64).sum().item<double>();
        }

        return sum;
    }

    private static void Check(PretrainedModel model, ReadOnlySpan<int> ids)
    {
        if (ids.Length < 2)
        {
            throw new ArgumentException($"The text has {ids.Length} tokens, and a loss needs two: one to predict from, one to predict.", nameof(ids));
        }

        foreach (int id in ids)
        {
            if (id < 0 || id >= model.Config.VocabSize)
            {
                throw new ArgumentException(
                    $"The text has the token {id}, and the model's vocabulary ends at {model.Config.VocabSize - 1}. Use the tokenizer that belongs to the model.", nameof(ids));
            }
        }

        if (model.training)
        {
            throw new InvalidOperationException("The model is in training mode, where dropout changes what it says. Call its eval() first.");
        }
    }
}
