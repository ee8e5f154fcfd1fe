using System.Collections;
using System.Diagnostics.CodeAnalysis;
using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>
/// A dictionary, in the order of the file. Keys are texts, integers, booleans, floats or <c>None</c>; as in Python, <c>1</c>,
/// <c>1.0</c> and <c>True</c> are the same key. No key occurs twice.
/// </summary>
public sealed class DictionaryValue : CheckpointValue, IReadOnlyCollection<KeyValuePair<CheckpointValue, CheckpointValue>>
{
    // Below this many entries looking through them is as fast and takes no memory.
    private const int IndexFrom = 9;

    private KeyValuePair<CheckpointValue, CheckpointValue>[] _entries = [];
    private Dictionary<object, int>? _index;

    /// <summary>An empty dictionary.</summary>
    /// <param name="isOrdered">Whether it is a <c>collections.OrderedDict</c>, as a module's state dict is; false by default.</param>
    public DictionaryValue(bool isOrdered = false) => IsOrdered = isOrdered;

    /// <inheritdoc/>
    public override CheckpointValueKind Kind => CheckpointValueKind.Dictionary;

    /// <summary>Whether the file says <c>OrderedDict</c>; the order is kept either way.</summary>
    public bool IsOrdered { get; }

    /// <summary>The number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>The keys, in order.</summary>
    public IEnumerable<CheckpointValue> Keys => this.Select(entry => entry.Key);

    internal override int ChildCount => Count;

    /// <summary>The value under a text.</summary>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    public CheckpointValue this[string key] => TryGetValue(key, out CheckpointValue? value) ? value : throw Missing(Escape.Quote(key));

    /// <summary>The value under an integer, such as a parameter's index in an optimizer's state.</summary>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    public CheckpointValue this[long key] => TryGetValue(key, out CheckpointValue? value) ? value : throw Missing(Invariant($"{key}"));

    /// <summary>Finds the value under a text.</summary>
    public bool TryGetValue(string key, [NotNullWhen(true)] out CheckpointValue? value)
    {
        ArgumentNullException.ThrowIfNull(key);
        return TryGet(key, out value);
    }

    /// <summary>Finds the value under an integer.</summary>
    public bool TryGetValue(long key, [NotNullWhen(true)] out CheckpointValue? value) => TryGet((Int128)key, out value);

    /// <summary>Adds an entry at the end.</summary>
    /// <exception cref="ArgumentException">There is such a key already, or the key cannot be one.</exception>
    public void Add(CheckpointValue key, CheckpointValue value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        if (Normalize(key) is null)
        {
            throw new ArgumentException($"{key.Kind} cannot be a key.", nameof(key));
        }

        if (!TryAdd(key, value))
        {
            throw new ArgumentException($"The key {key} is there already.", nameof(key));
        }
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<CheckpointValue, CheckpointValue>> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return _entries[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => Invariant($"Dictionary of {Count}");

    /// <summary>Whether a value can be a key; NaN, containers and tensors cannot.</summary>
    internal static bool CanBeKey(CheckpointValue key) => Normalize(key) is not null;

    internal override CheckpointValue Child(int index) => _entries[index].Value;

    internal KeyValuePair<CheckpointValue, CheckpointValue> Entry(int index) => _entries[index];

    /// <summary>Adds an entry whose key can be one.</summary>
    /// <returns>False when the key is there already.</returns>
    internal bool TryAdd(CheckpointValue key, CheckpointValue value)
    {
        object normalized = Normalize(key)!;
        if (Find(normalized) >= 0)
        {
            return false;
        }

        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(4, Count * 2));
        }

        _entries[Count++] = new(key, value);
        _index?.Add(normalized, Count - 1);
        return true;
    }

    // Python's equality: numbers are equal across types.
    private static object? Normalize(CheckpointValue key) => key switch
    {
        TextValue text => text.Value,
        IntegerValue integer => integer.Value,
        BooleanValue boolean => boolean.Value ? Int128.One : Int128.Zero,
        FloatValue number when double.IsNaN(number.Value) => null,
        FloatValue number when double.IsInteger(number.Value) && Math.Abs(number.Value) < 1e38 => (Int128)number.Value,
        FloatValue number => number.Value,
        NoneValue => NoneValue.Instance,
        _ => null,
    };

    private bool TryGet(object key, [NotNullWhen(true)] out CheckpointValue? value)
    {
        int index = Find(key);
        value = index < 0 ? null : _entries[index].Value;
        return value is not null;
    }

    private int Find(object key)
    {
        if (_index is null && Count >= IndexFrom)
        {
            Dictionary<object, int> index = new(Count * 2);
            for (int i = 0; i < Count; i++)
            {
                index.Add(Normalize(_entries[i].Key)!, i);
            }

            _index = index;
        }

        if (_index is not null)
        {
            return _index.GetValueOrDefault(key, -1);
        }

        for (int i = 0; i < Count; i++)
        {
            if (key.Equals(Normalize(_entries[i].Key)))
            {
                return i;
            }
        }

        return -1;
    }

    private KeyNotFoundException Missing(string key) => new(Invariant($"There is no key {key} among {Count}; list Keys to see what there is."));
}
