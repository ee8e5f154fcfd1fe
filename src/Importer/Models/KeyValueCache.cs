using static TorchSharp.torch;

namespace Importer.Models;

/// <summary>
/// The keys and values of tokens that a model has seen, so that the next ones need not compute them again. Its memory is
/// allocated once, for a number of tokens; a pass adds to it in place. No gradient flows through it.
/// </summary>
/// <example>
/// <code>
/// using var cache = new KeyValueCache(model, batchSize: 1, capacity: 512);
/// using var prompt = model.forward(ids, cache);      // all of the prompt
/// using var next = model.forward(nextId, cache);     // one token more
/// </code>
/// </example>
public sealed class KeyValueCache : IDisposable
{
    private readonly ModelConfig _config;
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;

    /// <summary>An empty cache on a model's device and in its dtype.</summary>
    /// <param name="model">The model; only it can use the cache.</param>
    /// <param name="batchSize">Sequences.</param>
    /// <param name="capacity">Tokens per sequence, padding included; at most the model's context.</param>
    /// <param name="padding">
    /// How many tokens at the front of each sequence are padding, which nothing sees and which count for no position: so
    /// prompts of different lengths share a batch. Null: none are.
    /// </param>
    /// <exception cref="ArgumentException">A size is out of range, or <paramref name="padding"/> is not of one length per sequence.</exception>
    public KeyValueCache(PretrainedModel model, int batchSize, int capacity, IReadOnlyList<int>? padding = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, model.Config.BlockSize);
        if (padding is not null && (padding.Count != batchSize || padding.Any(count => count < 0 || count >= capacity)))
        {
            throw new ArgumentException($"Padding is one count per sequence, {batchSize} in all, each from 0 to {capacity - 1}.", nameof(padding));
        }

        _config = model.Config;
        BatchSize = batchSize;
        Capacity = capacity;
        var weight = model.Decoder.Tokens.Weight;
        _keys = new Tensor[_config.LayerCount];
        _values = new Tensor[_config.LayerCount];
        for (int i = 0; i < _keys.Length; i++)
        {
            _keys[i] = Allocate();
            _values[i] = Allocate();
        }

        if (padding?.Any(count => count > 0) == true)
        {
            Padding = tensor(padding.Select(count => (long)count).ToArray(), device: weight.device).DetachFromDisposeScope();
        }

        Tensor Allocate() =>
            empty([batchSize, _config.KeyValueHeadCount, capacity, _config.HeadSize], weight.dtype, weight.device).DetachFromDisposeScope();
    }

    /// <summary>Sequences.</summary>
    public int BatchSize { get; }

    /// <summary>Tokens per sequence that there is room for.</summary>
    public int Capacity { get; }

    /// <summary>Tokens per sequence that are in it, padding included.</summary>
    public int Length { get; private set; }

    /// <summary>The padding of each sequence, I64 [batch]; null where there is none.</summary>
    internal Tensor? Padding { get; }

    /// <summary>Forgets the last tokens.</summary>
    /// <param name="length">How many to keep, from the first on.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not as many.</exception>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        foreach (var memory in _keys.Concat(_values))
        {
            memory.Dispose();
        }

        Padding?.Dispose();
    }

    /// <summary>Why a pass cannot use this cache; null if it can.</summary>
    internal string? Refusal(ModelConfig config, long batch, long length)
    {
        if (!ReferenceEquals(config, _config))
        {
            return "The cache was made for another model. Make one for this.";
        }

        return batch == BatchSize && length <= Capacity - Length
            ? null
            : $"The cache is for {BatchSize} sequences of {Capacity} tokens and has {Length}; {batch} sequences of {length} more do not fit. Make a larger one.";
    }

    /// <summary>Adds a layer's keys and values of new tokens, and gives all that it has then, as views.</summary>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values) =>
        (Append(_keys[layer], keys), Append(_values[layer], values));

    /// <summary>Counts tokens that every layer has added.</summary>
    internal void Advance(long tokens) => Length += (int)tokens;

    private Tensor Append(Tensor memory, Tensor added)
    {
        long tokens = added.shape[2];
        using var place = memory.narrow(2, Length, tokens);
        using var values = added.detach();
        using var written = place.copy_(values);
        return memory.narrow(2, 0, Length + tokens);
    }
}
