using Importer.Sources;

namespace Importer.Mapping.Operations;

/// <summary>
/// What is done to a tensor between file and parameter. Every operation is a bijection on elements: nothing is computed, only
/// moved. The children are the closed set of operations that the language knows.
/// </summary>
public abstract class TensorOperation
{
    private protected TensorOperation()
    {
    }

    /// <summary>The tensor as it is.</summary>
    public static IdentityOperation None { get; } = new();

    /// <summary>A matrix with its two dimensions exchanged.</summary>
    public static TransposeOperation Transpose { get; } = new();

    /// <summary>The operation as a table writes it, such as <c>t</c>; empty for <see cref="None"/>.</summary>
    public abstract string Text { get; }

    /// <summary>The operation that undoes this one.</summary>
    public abstract TensorOperation Inverse { get; }

    /// <summary>The shape that comes out where <paramref name="source"/> goes in.</summary>
    /// <exception cref="ArgumentException">The operation cannot be applied to this shape.</exception>
    public IReadOnlyList<long> Apply(IReadOnlyList<long> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Reason(source.Count) is { } reason ? throw new ArgumentException(reason, nameof(source)) : Rearrange(source);
    }

    /// <inheritdoc cref="Text"/>
    public sealed override string ToString() => Text;

    /// <summary>Why the operation cannot be applied to a tensor of this rank, or null.</summary>
    internal abstract string? Reason(int rank);

    /// <summary>Per dimension of the source something, its size or its symbol, in the order of the target's dimensions.</summary>
    internal abstract IReadOnlyList<T> Rearrange<T>(IReadOnlyList<T> source);

    /// <summary>Where the elements of a tensor go.</summary>
    internal abstract StridedCopy Copy(SourceTensor source);
}
