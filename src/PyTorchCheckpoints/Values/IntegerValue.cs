using System.Globalization;

namespace PyTorchCheckpoints;

/// <summary>An integer; up to 128 bits are read.</summary>
public sealed class IntegerValue : CheckpointValue
{
    private static readonly IntegerValue[] Small = [.. Enumerable.Range(0, 256).Select(i => new IntegerValue(i))];

    private IntegerValue(Int128 value) => Value = value;

    /// <inheritdoc/>
    public override CheckpointValueKind Kind => CheckpointValueKind.Integer;

    /// <summary>The value.</summary>
    public Int128 Value { get; }

    /// <summary>The value as a 64-bit integer.</summary>
    /// <returns>False when it does not fit.</returns>
    public bool TryGetInt64(out long value)
    {
        bool fits = Value >= long.MinValue && Value <= long.MaxValue;
        value = fits ? (long)Value : 0;
        return fits;
    }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The value when it can be a size, an offset or a number of something.</summary>
    internal bool TryGetSize(out long value) => TryGetInt64(out value) && value >= 0;

    internal static IntegerValue Of(Int128 value) => value >= 0 && value < Small.Length ? Small[(int)value] : new IntegerValue(value);
}
