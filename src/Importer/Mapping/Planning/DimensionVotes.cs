using Importer.Sources;

namespace Importer.Mapping.Planning;

/// <summary>What the tensors, each for itself, say that a symbol's value is.</summary>
internal sealed class DimensionVotes
{
    private readonly HashSet<long> _values = [];
    private SourceTensor? _first;
    private int _count;

    /// <summary>The value if all say the same; else null.</summary>
    internal long? Agreed => _values.Count == 1 ? _values.First() : null;

    /// <summary>Which tensors say so, in words.</summary>
    internal string Evidence =>
        $"{NameText.Quote(_first!.Name)} is {ShapeText.Of(_first.Shape)}{(_count > 1 ? $", and {_count - 1} more agree" : "")}";

    internal void Add(long value, SourceTensor tensor)
    {
        _first ??= tensor;
        _count++;
        if (_values.Count < 2)
        {
            _values.Add(value);
        }
    }
}
