using System.Text.Json.Nodes;

namespace PyTorchCheckpoints;

/// <summary>
/// A value in a checkpoint: a tensor, or a dictionary, list, number or text around tensors. Read ones are a graph: what the file
/// shares is one object here too.
/// </summary>
public abstract class CheckpointValue
{
    private protected CheckpointValue()
    {
    }

    /// <summary>Python's <c>None</c>.</summary>
    public static CheckpointValue None => NoneValue.Instance;

    /// <summary>What the value is.</summary>
    public abstract CheckpointValueKind Kind { get; }

    /// <summary>Where the check for cycles stands: 0 not seen, -1 being looked at, otherwise the height of what is below.</summary>
    internal int Height { get; set; }

    /// <summary>How many values are directly in this one.</summary>
    internal virtual int ChildCount => 0;

    /// <summary>A boolean.</summary>
    public static implicit operator CheckpointValue(bool value) => BooleanValue.Of(value);

    /// <summary>An integer.</summary>
    public static implicit operator CheckpointValue(long value) => IntegerValue.Of(value);

    /// <summary>A floating-point number.</summary>
    public static implicit operator CheckpointValue(double value) => new FloatValue(value);

    /// <summary>A text.</summary>
    public static implicit operator CheckpointValue(string value) => new TextValue(value);

    /// <summary>
    /// The value as JSON. A tensor is told by <c>{"dtype":"float32","shape":[768]}</c> (<see cref="PyTorchCheckpoint.ToJson"/> gives the
    /// number that a scalar tensor holds), bytes by base64, infinities and NaN by their names, tuples and sets as arrays. Keys that are no
    /// texts
    /// become their text.
    /// </summary>
    /// <returns>Null for <c>None</c>.</returns>
    /// <exception cref="InvalidOperationException">
    /// The value is too large for JSON: over a million values, as sharing can make of few, or too deep.
    /// </exception>
    public JsonNode? ToJson() => JsonConversion.Convert(this, scalar: null);

    /// <summary>The value in this one at an index from 0.</summary>
    internal virtual CheckpointValue Child(int index) => throw new ArgumentOutOfRangeException(nameof(index));
}
