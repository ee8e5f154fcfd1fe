using System.Collections;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>A list, a tuple or a set.</summary>
public sealed class SequenceValue : CheckpointValue, IReadOnlyList<CheckpointValue>
{
    internal static readonly SequenceValue EmptyTuple = new(CheckpointValueKind.Tuple, [], 0);

    private CheckpointValue[] _items;

    private SequenceValue(CheckpointValueKind kind, CheckpointValue[] items, int count)
    {
        Kind = kind;
        _items = items;
        Count = count;
    }

    /// <inheritdoc/>
    public override CheckpointValueKind Kind { get; }

    /// <summary>The number of items.</summary>
    public int Count { get; private set; }

    internal override int ChildCount => Count;

    /// <summary>The item at an index from 0.</summary>
    public CheckpointValue this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return _items[index];
        }
    }

    /// <summary>A list.</summary>
    public static SequenceValue List(params IEnumerable<CheckpointValue> items) => Create(CheckpointValueKind.List, items);

    /// <summary>A tuple.</summary>
    public static SequenceValue Tuple(params IEnumerable<CheckpointValue> items) => Create(CheckpointValueKind.Tuple, items);

    /// <inheritdoc/>
    public IEnumerator<CheckpointValue> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return _items[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => Invariant($"{Kind} of {Count}");

    /// <summary>Takes an array as it is.</summary>
    internal static SequenceValue Wrap(CheckpointValueKind kind, CheckpointValue[] items) => new(kind, items, items.Length);

    internal override CheckpointValue Child(int index) => _items[index];

    internal void Append(CheckpointValue item)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(4, Count * 2));
        }

        _items[Count++] = item;
    }

    private static SequenceValue Create(CheckpointValueKind kind, IEnumerable<CheckpointValue> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        CheckpointValue[] array = [.. items];
        return Array.IndexOf(array, null) < 0
            ? Wrap(kind, array)
            : throw new ArgumentException("An item is null; None is CheckpointValue.None.", nameof(items));
    }
}
