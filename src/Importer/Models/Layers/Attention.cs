using TorchSharp;
using static TorchSharp.torch;

namespace Importer.Models.Layers;

/// <summary>
/// Causal attention of one layer, from queries, keys and values on: cache, shared heads, mask, softmax. It has no parameters;
/// the families make queries, keys and values in their own ways.
/// </summary>
internal sealed class Attention
{
    /// <summary>The layer's number, which is its place in the cache.</summary>
    public required int Layer { get; init; }

    /// <summary>What scores are multiplied by, usually 1/√(head size).</summary>
    public required double Scale { get; init; }

    /// <summary>How many tokens a token sees, itself included; null for all before it.</summary>
    public int? Window { get; init; }

    /// <summary>Whether scores and softmax are computed in f32 whatever the model's dtype.</summary>
    public bool Upcast { get; init; }

    /// <summary>Dropout on the softmax, in training.</summary>
    public double Dropout { get; init; }

    /// <summary>Mixes the values.</summary>
    /// <param name="query">[batch, heads, length, head size].</param>
    /// <param name="key">[batch, key-value heads, length, head size], as <paramref name="value"/>.</param>
    /// <param name="value">What is mixed.</param>
    /// <param name="pass">Where the tokens stand.</param>
    /// <param name="training">Whether dropout acts.</param>
    /// <returns>[batch, length, heads · head size].</returns>
    public Tensor Mix(Tensor query, Tensor key, Tensor value, ForwardPass pass, bool training)
    {
        using var scope = NewDisposeScope();
        long batch = query.shape[0], heads = query.shape[1], length = query.shape[2], headSize = query.shape[3];
        if (pass.Cache is { } cache)
        {
            (key, value) = cache.Append(Layer, key, value);
        }

        long shared = key.shape[1], group = heads / shared;
        if (group > 1 && length == 1)
        {
            // The query heads that share a key stand where positions would: nothing is copied per token.
            query = query.reshape(batch, shared, group, headSize);
        }
        else if (group > 1)
        {
            key = Repeat(key, group);
            value = Repeat(value, group);
        }

        double dropout = training ? Dropout : 0;
        var mixed = Upcast ? MixInSinglePrecision(query, key, value, pass, dropout) : Mix(query, key, value, pass, dropout);
        return mixed.reshape(batch, heads, length, headSize).transpose(1, 2).reshape(batch, length, heads * headSize).MoveToOuterDisposeScope();
    }

    private Tensor Mix(Tensor query, Tensor key, Tensor value, ForwardPass pass, double dropout)
    {
        // TorchSharp's operator scales by 1/√(head size) and takes no other scale, so the difference goes into the query.
        double extra = Scale * Math.Sqrt(query.shape[^1]);
        var scaled = Math.Abs(extra - 1) < 1e-12 ? query : query * extra;
        var mask = pass.Mask(Window);
        return nn.functional.scaled_dot_product_attention(scaled, key, value, mask, dropout, is_casual: mask is null && pass.Length > 1);
    }

    private Tensor MixInSinglePrecision(Tensor query, Tensor key, Tensor value, ForwardPass pass, double dropout)
    {
        var scores = query.to(float32).matmul(key.to(float32).transpose(-2, -1)) * Scale;
        if (pass.Mask(Window, always: pass.Length > 1) is { } mask)
        {
            scores = scores.masked_fill(mask.logical_not(), float.NegativeInfinity);
        }

        return Layers.Dropout.Apply(scores.softmax(-1).to(value.dtype), dropout, training: true).matmul(value);
    }

    private static Tensor Repeat(Tensor x, long times)
    {
        var (batch, heads, length, size) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        return x.unsqueeze(2).expand(batch, heads, times, length, size).reshape(batch, heads * times, length, size);
    }
}
