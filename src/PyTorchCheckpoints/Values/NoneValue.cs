namespace PyTorchCheckpoints;

/// <summary>Python's <c>None</c>.</summary>
internal sealed class NoneValue : CheckpointValue
{
    public static readonly NoneValue Instance = new();

    private NoneValue()
    {
    }

    public override CheckpointValueKind Kind => CheckpointValueKind.None;

    public override string ToString() => "None";
}
