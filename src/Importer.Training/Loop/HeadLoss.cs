using Importer.Models;
using static TorchSharp.torch;

namespace Importer.Training;

/// <summary>
/// Head and cross-entropy, in chunks of positions, each forward and backward at once: the logits of a whole batch never exist
/// together, and of a chunk's there is one copy beside its probabilities. The gradients are the ones that autograd would compute,
/// p − 1 at the target, and equal within rounding whatever the chunk.
/// </summary>
internal sealed class HeadLoss
{
    /// <summary>Targets that are not counted.</summary>
    private const long Ignored = -100;

    private readonly PretrainedModel _model;
    private readonly long _chunkRows;

    /// <param name="model">The model.</param>
    /// <param name="maxLogitBytes">The largest logits, in bytes of f32, that are made at once; at least those of one position are.</param>
    public HeadLoss(PretrainedModel model, long maxLogitBytes)
    {
        _model = model;
        _chunkRows = Math.Max(1, maxLogitBytes / (sizeof(float) * (long)model.Config.VocabSize));
    }

    /// <summary>How many of some targets count.</summary>
    public static long Count(Tensor targets)
    {
        using var scope = NewDisposeScope();
        return targets.ne(Ignored).sum().item<long>();
    }

    /// <summary>The mean loss, without gradients.</summary>
    /// <param name="hidden">Hidden states, [batch, length, width].</param>
    /// <param name="targets">Targets, I64 [batch, length].</param>
    /// <param name="counted">How many of them count.</param>
    /// <returns>F64 [].</returns>
    public Tensor Evaluate(Tensor hidden, Tensor targets, long counted)
    {
        using var scope = NewDisposeScope();
        Tensor rows = hidden.reshape(-1, hidden.shape[^1]), labels = targets.reshape(-1);
        var total = zeros([], dtype: ScalarType.Float64, device: hidden.device);
        foreach (var (start, length) in Chunks(rows.shape[0]))
        {
            using var inner = NewDisposeScope();
            total.add_(LogProbabilities(rows.narrow(0, start, length), labels.narrow(0, start, length), counted < labels.numel()).Loss);
        }

        return total.div_(Math.Max(1, counted)).MoveToOuterDisposeScope();
    }

    /// <summary>The mean loss; its gradients go into the parameters.</summary>
    /// <param name="hidden">Hidden states with a graph, [batch, length, width].</param>
    /// <param name="targets">Targets, I64 [batch, length].</param>
    /// <param name="counted">How many of them count.</param>
    /// <param name="weight">What the loss is multiplied by for the gradients.</param>
    /// <returns>F64 [], not multiplied.</returns>
    public Tensor Backward(Tensor hidden, Tensor targets, long counted, double weight)
    {
        using var scope = NewDisposeScope();
        var total = zeros([], dtype: ScalarType.Float64, device: hidden.device);
        Tensor gradient;
        using (no_grad())
        {
            var head = _model.HeadWeight;
            Tensor rows = hidden.detach().reshape(-1, hidden.shape[^1]), labels = targets.reshape(-1);
            gradient = empty_like(rows);
            double scale = weight / Math.Max(1, counted);
            foreach (var (start, length) in Chunks(rows.shape[0]))
            {
                using var inner = NewDisposeScope();
                Tensor chunk = rows.narrow(0, start, length), label = labels.narrow(0, start, length);
                var (loss, logProbabilities, index, counts) = LogProbabilities(chunk, label, counted < labels.numel());
                total.add_(loss);
                var error = logProbabilities.exp_();
                error.scatter_add_(1, index, ones_like(index, dtype: error.dtype).neg_());
                if (counts is not null)
                {
                    error.mul_(counts.unsqueeze(1));
                }

                error = error.to(head.dtype);
                gradient.narrow(0, start, length).copy_(error.mm(head).mul_(scale));
                if (head.requires_grad)
                {
                    AddTo(head, error.t(), chunk * scale);
                }
            }
        }

        hidden.backward([gradient.view(hidden.shape)]);
        return total.div_(Math.Max(1, counted)).MoveToOuterDisposeScope();
    }

    private static void AddTo(Tensor head, Tensor left, Tensor right)
    {
        if (head.grad is { } sum)
        {
            sum.addmm_(left, right);
        }
        else
        {
            head.grad = left.mm(right);
        }
    }

    private (Tensor Loss, Tensor LogProbabilities, Tensor Index, Tensor? Counts) LogProbabilities(Tensor rows, Tensor labels, bool someIgnored)
    {
        Tensor logProbabilities;
        using (var logits = _model.Head(rows))
        {
            logProbabilities = logits.log_softmax(-1, logits.dtype == ScalarType.Float64 ? null : ScalarType.Float32);
        }

        var counts = someIgnored ? labels.ne(Ignored).to(logProbabilities.dtype) : null;
        var index = (counts is null ? labels : labels.clamp(min: 0)).unsqueeze(1);
        var picked = logProbabilities.gather(1, index).squeeze(1);
        var loss = (counts is null ? picked : picked * counts).sum(ScalarType.Float64).neg_();
        return (loss, logProbabilities, index, counts);
    }

    private IEnumerable<(long Start, long Length)> Chunks(long rows)
    {
        // Chunks of nearly the same size: a last one of a few rows would read all of the head's weights for them.
        long count = (rows + _chunkRows - 1) / _chunkRows, size = (rows + count - 1) / Math.Max(1, count);
        for (long start = 0; start < rows; start += size)
        {
            yield return (start, Math.Min(size, rows - start));
        }
    }
}
