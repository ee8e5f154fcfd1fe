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
    public int BatchSize { get; private set; }

    /// <summary>Tokens per sequence that there is room for.</summary>
    public int Capacity { get; private set; }

    /// <summary>Tokens per sequence that are in it, padding included.</summary>
    public int Length { get; private set; }

    /// <summary>The padding of each sequence, I64 [batch]; null where there is none.</summary>
    internal Tensor? Padding { get; private set; }

    /// <summary>Forgets the last tokens.</summary>
    /// <param name="length">How many to keep, from the first on.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not as many.</exception>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <summary>
    /// Puts other sequences in the place of the present ones: some of them, in any order, each as often as wanted. So several
    /// continuations follow one prompt that was computed once, and sequences that are finished cost nothing more.
    /// </summary>
    /// <param name="sequences">The number, from 0, of the present sequence that each of the new ones continues.</param>
    /// <param name="capacity">Tokens per sequence from now on; null for as many as before.</param>
    /// <exception cref="ArgumentException">A sequence is not there, there is none, or the capacity is below <see cref="Length"/> or above the model's context.</exception>
    /// <remarks>Memory is exchanged tensor by tensor: beside the new cache and the old one's rest, nothing is held.</remarks>
    public void Select(IReadOnlyList<int> sequences, int? capacity = null)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        int room = capacity ?? Capacity;
        if (sequences.Count == 0 || sequences.Any(sequence => sequence < 0 || sequence >= BatchSize))
        {
            throw new ArgumentException($"Sequences are numbers from 0 to {BatchSize - 1}, at least one of them.", nameof(sequences));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(room, Math.Max(1, Length), nameof(capacity));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(room, _config.BlockSize, nameof(capacity));
        if (room == Capacity && sequences.Count == BatchSize && sequences.Select((sequence, i) => sequence == i).All(same => same))
        {
            return;
        }

        using var scope = NewDisposeScope();
        var numbers = tensor(sequences.Select(sequence => (long)sequence).ToArray(), device: _keys[0].device);
        foreach (var memories in new[] { _keys, _values })
        {
            for (int i = 0; i < memories.Length; i++)
            {
                var old = memories[i];
                var memory = empty([sequences.Count, old.shape[1], room, old.shape[3]], old.dtype, old.device).DetachFromDisposeScope();
                for (int row = 0; row < sequences.Count && Length > 0; row++)
                {
                    using var inner = NewDisposeScope();
                    memory.narrow(0, row, 1).narrow(2, 0, Length).copy_(old.narrow(0, sequences[row], 1).narrow(2, 0, Length));
                }

                memories[i] = memory;
                old.Dispose();
            }
        }

        if (Padding is { } padding)
        {
            Padding = padding.index_select(0, numbers).DetachFromDisposeScope();
            padding.Dispose();
        }

        BatchSize = sequences.Count;
        Capacity = room;
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
