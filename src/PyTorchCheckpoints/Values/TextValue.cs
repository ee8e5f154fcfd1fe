using SharedSource.Text;

namespace PyTorchCheckpoints;

/// <summary>A text.</summary>
public sealed class TextValue : CheckpointValue
{
    internal TextValue(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Value = value;
    }

    /// <inheritdoc/>
    public override CheckpointValueKind Kind => CheckpointValueKind.Text;

    /// <summary>The value, as it is in the file, not escaped.</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public override string ToString() => Escape.Quote(Value);
}
