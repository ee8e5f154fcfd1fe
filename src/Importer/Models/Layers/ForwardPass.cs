using static TorchSharp.torch;

namespace Importer.Models.Layers;

/// <summary>
/// What all blocks of one forward pass share: where the tokens stand, who may see whom, and what came before. Masks are made
/// once per pass, whatever the number of blocks.
/// </summary>
internal sealed class ForwardPass : IDisposable
{
    private readonly Device _device;
    private readonly Dictionary<int, Tensor> _masks = [];
    private Tensor? _positions;

    /// <exception cref="ArgumentException">The ids have another shape than [batch, length], or are too many.</exception>
    public ForwardPass(Tensor ids, ModelConfig config, KeyValueCache? cache)
    {
        Cache = cache;
        Start = cache?.Length ?? 0;
        long room = config.BlockSize - Start;
        if (ids.shape is not [var batch, var length] || length == 0 || length > room)
        {
            throw new ArgumentException(
                $"Token ids have the shape [{string.Join(", ", ids.shape)}]; the model takes [batch, length] with 1 to {config.BlockSize} tokens" +
                (Start == 0 ? "." : $", of which {Start} are in the cache."), nameof(ids));
        }

        if (cache?.Refusal(config, batch, length) is { } refusal)
        {
            throw new ArgumentException(refusal, nameof(cache));
        }

        Length = length;
        _device = ids.device;
    }

    /// <summary>The keys and values of earlier tokens; null where there is no cache.</summary>
    public KeyValueCache? Cache { get; }

    /// <summary>How many tokens came before, padding included: the slot of the first new token.</summary>
    public long Start { get; }

    /// <summary>New tokens per sequence.</summary>
    public long Length { get; }

    /// <summary>Cosines and sines of the new tokens' positions, for models that rotate queries and keys.</summary>
    public Rotation? Rotation { get; private set; }

    /// <summary>Tokens at the front of each sequence that are padding, [batch]; null where there are none.</summary>
    private Tensor? Padding => Cache?.Padding;

    /// <summary>The position of each new token: I64 [length], or [batch, length] where sequences are padded.</summary>
    public Tensor Positions
    {
        get
        {
            if (_positions is null)
            {
                using var scope = NewDisposeScope();
                var slots = arange(Start, Start + Length, int64, _device);
                _positions = (Padding is { } padding ? (slots - padding.view(-1, 1)).clamp(min: 0) : slots).DetachFromDisposeScope();
            }

            return _positions;
        }
    }

    /// <summary>Whether the positions are <see cref="Start"/>, <see cref="Start"/> + 1, … in every sequence.</summary>
    public bool IsConsecutive => Padding is null;

    /// <summary>Prepares <see cref="Rotation"/>.</summary>
    public void Rotate(RotaryEmbedding rotary, ScalarType dtype) => Rotation ??= rotary.At(Positions, dtype);

    /// <summary>
    /// Who sees whom, bool [1 or batch, 1, length, <see cref="Start"/> + length]; null where every token sees itself and all
    /// before it in one square, which attention knows by itself, or where a single token sees everything.
    /// </summary>
    /// <param name="window">How many tokens one sees, itself included; null for all.</param>
    /// <param name="always">Whether to make a mask even where attention could do without.</param>
    public Tensor? Mask(int? window, bool always = false)
    {
        long end = Start + Length;
        bool windowed = window < end, plain = Start == 0 || Length == 1;
        if (!always && plain && !windowed && Padding is null)
        {
            return null;
        }

        int key = windowed ? window!.Value : 0;
        if (!_masks.TryGetValue(key, out var mask))
        {
            using var scope = NewDisposeScope();
            var query = arange(Start, end, int64, _device).view(-1, 1);
            var other = arange(0, end, int64, _device).view(1, -1);
            mask = other.le(query);
            if (windowed)
            {
                mask = mask.logical_and(other.gt(query - key));
            }

            if (Padding is { } padding)
            {
                // Padding sees itself: a row that sees nothing would be 0/0, and spread.
                mask = mask.logical_and(other.ge(padding.view(-1, 1, 1)).logical_or(other.eq(query))).unsqueeze(1);
            }
            else
            {
                mask = mask.view(1, 1, Length, end);
            }

            _masks[key] = mask.DetachFromDisposeScope();
        }

        return mask;
    }

    /// <summary>Every layer has added its keys and values: the cache is longer now.</summary>
    public void Complete() => Cache?.Advance(Length);

    /// <summary>Frees masks, positions and rotation.</summary>
    public void Dispose()
    {
        _positions?.Dispose();
        Rotation?.Dispose();
        foreach (var mask in _masks.Values)
        {
            mask.Dispose();
        }
    }
}
