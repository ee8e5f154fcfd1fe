using Importer.Sources;

namespace Importer.Mapping.Operations;

/// <summary>
/// What is done to tensors between file and parameter: pieces are taken out of one, axes change their order, pieces are put
/// together; each of the three may be left out. Nothing is computed, only moved, so every operation has its inverse.
/// </summary>
public sealed class TensorOperation
{
    private readonly PieceLayout _from;
    private readonly IReadOnlyList<AxisOrder> _orders;
    private readonly PieceLayout _to;

    /// <param name="from">What is taken out of a source.</param>
    /// <param name="orders">What happens to each piece; one for all, where it is the same.</param>
    /// <param name="to">How pieces make up a target.</param>
    private TensorOperation(PieceLayout from, IReadOnlyList<AxisOrder> orders, PieceLayout to)
    {
        _from = from;
        _orders = orders;
        _to = to;
        Text = string.Join(", ", new[] { from.Taking }.Concat(orders.Select(order => order.Text).Distinct()).Append(to.Putting)
            .Where(text => text.Length > 0));
    }

    /// <summary>The tensor as it is.</summary>
    public static TensorOperation None { get; } = new(PieceLayout.Whole, [AxisOrder.Same], PieceLayout.Whole);

    /// <summary>A matrix [rows, columns] becomes [columns, rows]; its own inverse.</summary>
    public static TensorOperation Transpose { get; } = new(PieceLayout.Whole, [AxisOrder.Transposed], PieceLayout.Whole);

    /// <summary>The operation as a table writes it, with numbers, such as <c>t</c> or <c>concat 0</c>; empty for <see cref="None"/>.</summary>
    public string Text { get; }

    /// <summary>The operation that undoes this one.</summary>
    public TensorOperation Inverse => Of(_to, [.. _orders.Select(order => order.Inverse)], _from);

    /// <summary>Whether a target's bytes are a run of its source's: no axis changes its place, nothing is put together.</summary>
    internal bool IsNone => ReferenceEquals(this, None);

    /// <summary>Whether the target has elements that no source fills; they are zero.</summary>
    internal bool Pads => _to.IsPartial;

    /// <summary>Whether the source has elements that no target is filled with.</summary>
    internal bool Crops => _from.IsPartial;

    internal static TensorOperation Of(PieceLayout from, IReadOnlyList<AxisOrder> orders, PieceLayout to)
    {
        if (from == PieceLayout.Whole && to == PieceLayout.Whole && orders is [var order])
        {
            return order == AxisOrder.Same ? None : order == AxisOrder.Transposed ? Transpose : new TensorOperation(from, orders, to);
        }

        return new TensorOperation(from, orders, to);
    }

    /// <summary>Where the elements of one piece go.</summary>
    /// <param name="source">The source that holds the piece, or is it.</param>
    /// <param name="piece">Which of the pieces.</param>
    /// <param name="target">The shape of the target that the piece goes into, or becomes.</param>
    internal StridedCopy Copy(SourceTensor source, int piece, IReadOnlyList<long> target)
    {
        (long sourceOffset, IReadOnlyList<long> sourceStrides) = _from.Place(piece, source.Shape);
        (long targetOffset, IReadOnlyList<long> targetStrides) = _to.Place(piece, target);
        IReadOnlyList<AxisStep> axes = _orders[_orders.Count == 1 ? 0 : piece].Axes(_from.Shape(piece, source.Shape));
        return StridedCopy.Of(source, sourceOffset, targetOffset, axes.Select(axis => new CopyLoop(
            axis.Size, axis.SourceStep * sourceStrides[axis.SourceDimension], axis.TargetStep * targetStrides[axis.TargetDimension])));
    }

    /// <inheritdoc cref="Text"/>
    public override string ToString() => Text;
}
