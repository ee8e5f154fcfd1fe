using System.Globalization;

namespace PyTorchCheckpoints;

/// <summary>A floating-point number of double precision.</summary>
public sealed class FloatValue : CheckpointValue
{
    internal FloatValue(double value) => Value = value;

    /// <inheritdoc/>
    public override CheckpointValueKind Kind => CheckpointValueKind.Float;

    /// <summary>The value.</summary>
    public double Value { get; }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("R", CultureInfo.InvariantCulture);
}
