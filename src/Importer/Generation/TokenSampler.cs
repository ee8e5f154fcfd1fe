using System.Numerics;
using System.Runtime.InteropServices;

namespace Importer.Generation;

/// <summary>
/// From logits to a token: penalty, hooks, temperature, top-k, top-p, min-p, draw, in transformers' order
/// (<c>_get_logits_processor</c> in generation/utils.py). All of it is computed here, in an order that is fixed, so that equal
/// logits give equal tokens whatever machine or library they come from.
/// </summary>
internal sealed class TokenSampler
{
    private readonly SamplingSettings _settings;
    private readonly int[] _ids;
    private readonly double[] _weights;
    private int _count;

    /// <param name="settings">What to do.</param>
    /// <param name="vocabularySize">Logits per token.</param>
    public TokenSampler(SamplingSettings settings, int vocabularySize)
    {
        _settings = settings;
        _ids = settings.IsGreedy ? [] : new int[vocabularySize];
        _weights = settings.IsGreedy ? [] : new double[vocabularySize];
    }

    /// <summary>Chooses the next token of a sequence.</summary>
    /// <param name="logits">Its logits; they are changed.</param>
    /// <param name="sequence">The sequence so far.</param>
    /// <exception cref="GenerationException">The logits are not numbers, or a hook has left no token possible.</exception>
    public int Next(Span<float> logits, GenerationSequence sequence)
    {
        Penalize(logits, sequence);
        foreach (var hook in _settings.LogitsHooks)
        {
            hook(new LogitsContext(sequence.Prompt, sequence.Sample, sequence.Ids, sequence.PromptLength), logits);
        }

        float largest = Largest(logits);
        if (float.IsNaN(largest) || float.IsNegativeInfinity(largest))
        {
            throw new GenerationException(float.IsNaN(largest)
                ? $"The model's logits for token {sequence.Length} are not numbers. Load it in another dtype, or check its weights."
                : $"No token is left for place {sequence.Length}: every logit is minus infinity. Change the hooks, or check the model's weights.");
        }

        if (_settings.IsGreedy || float.IsPositiveInfinity(largest))
        {
            return logits.IndexOf(largest);
        }

        Weigh(logits, largest);
        KeepMostLikely();
        KeepNearLargest();
        return Draw(Philox.Uniform(_settings.Seed, sequence.Sample, sequence.NewTokens));
    }

    private void Penalize(Span<float> logits, GenerationSequence sequence)
    {
        float penalty = (float)_settings.RepetitionPenalty;
        if (penalty == 1)
        {
            return;
        }

        foreach (int id in sequence.Seen)
        {
            logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
        }
    }

    /// <summary>Candidates and their weights, exp((logit - largest) / temperature): all tokens, or the top k and what equals the last of them.</summary>
    private void Weigh(ReadOnlySpan<float> logits, float largest)
    {
        float threshold = _settings.TopK > 0 && _settings.TopK < logits.Length ? KthLargest(logits, _settings.TopK) : float.NegativeInfinity;
        _count = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (logits[i] >= threshold && logits[i] != float.NegativeInfinity)
            {
                _ids[_count] = i;
                _weights[_count++] = PortableExp.OfNonPositive(((double)logits[i] - largest) / _settings.Temperature);
            }
        }
    }

    /// <summary>
    /// top-p: a token stays where the likelier ones, or the equal ones of lower id, together have less than p; so the likeliest always does.
    /// </summary>
    private void KeepMostLikely()
    {
        if (_settings.TopP >= 1)
        {
            return;
        }

        double total = Total();
        // A token this unlikely cannot stay: all such together have at most 1 - p. It spares sorting most of a vocabulary.
        double negligible = (1 - _settings.TopP) / _count * total;
        Keep(weight => weight > negligible);

        Array.Sort(_weights, _ids, 0, _count, Comparer<double>.Create((one, other) => other.CompareTo(one)));
        OrderEqualsById();
        double before = 0;
        int kept = 0;
        while (kept < _count && before < _settings.TopP * total)
        {
            before += _weights[kept++];
        }

        _count = kept;
    }

    private void OrderEqualsById()
    {
        for (int start = 0; start < _count;)
        {
            int end = start + 1;
            while (end < _count && _weights[end] == _weights[start])
            {
                end++;
            }

            Array.Sort(_ids, start, end - start);
            start = end;
        }
    }

    /// <summary>min-p: a token stays where it has that part of the largest weight, which is 1.</summary>
    private void KeepNearLargest()
    {
        if (_settings.MinP > 0)
        {
            Keep(weight => weight >= _settings.MinP);
        }
    }

    private void Keep(Func<double, bool> condition)
    {
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (condition(_weights[i]))
            {
                (_ids[kept], _weights[kept]) = (_ids[i], _weights[i]);
                kept++;
            }
        }

        _count = kept;
    }

    private int Draw(double uniform)
    {
        double target = uniform * Total(), sum = 0;
        int last = 0;
        for (int i = 0; i < _count; i++)
        {
            sum += _weights[i];
            if (_weights[i] > 0)
            {
                last = i;
                if (sum > target)
                {
                    break;
                }
            }
        }

        return _ids[last];
    }

    private double Total()
    {
        double total = 0;
        for (int i = 0; i < _count; i++)
        {
            total += _weights[i];
        }

        return total;
    }

    private static float KthLargest(ReadOnlySpan<float> logits, int k)
    {
        var largest = new PriorityQueue<float, float>(k);
        for (int i = 0; i < k; i++)
        {
            largest.Enqueue(logits[i], logits[i]);
        }

        float smallest = largest.Peek();
        foreach (float logit in logits[k..])
        {
            if (logit > smallest)
            {
                largest.DequeueEnqueue(logit, logit);
                smallest = largest.Peek();
            }
        }

        return smallest;
    }

    private static float Largest(ReadOnlySpan<float> logits)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(logits);
        var largest = new Vector<float>(float.NegativeInfinity);
        foreach (var vector in vectors)
        {
            largest = Vector.Max(largest, vector); // a NaN stays
        }

        float result = float.NegativeInfinity;
        for (int i = 0; i < Vector<float>.Count; i++)
        {
            result = MathF.Max(result, largest[i]);
        }

        foreach (float logit in logits[(vectors.Length * Vector<float>.Count)..])
        {
            result = MathF.Max(result, logit);
        }

        return result;
    }
}
