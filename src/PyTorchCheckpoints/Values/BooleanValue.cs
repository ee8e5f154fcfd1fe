namespace PyTorchCheckpoints;

/// <summary>Python's <c>True</c> or <c>False</c>.</summary>
public sealed class BooleanValue : CheckpointValue
{
    private static readonly BooleanValue True = new(true);
    private static readonly BooleanValue False = new(false);

    private BooleanValue(bool value) => Value = value;

    /// <inheritdoc/>
    public override CheckpointValueKind Kind => CheckpointValueKind.Boolean;

    /// <summary>The value.</summary>
    public bool Value { get; }

    /// <inheritdoc/>
    public override string ToString() => Value ? "True" : "False";

    internal static BooleanValue Of(bool value) => value ? True : False;
}
