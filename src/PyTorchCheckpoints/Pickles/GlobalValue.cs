namespace PyTorchCheckpoints;

/// <summary>A name out of the closed table. Only ever on the machine's stack or in an argument, so its kind is never seen.</summary>
internal sealed class GlobalValue(GlobalMeaning meaning, string name, TorchDType? dtype = null) : CheckpointValue
{
    public override CheckpointValueKind Kind => CheckpointValueKind.Opaque;

    public GlobalMeaning Meaning { get; } = meaning;

    /// <summary>Module and name, joined by a dot.</summary>
    public string Name { get; } = name;

    /// <summary>The element type of a storage class; null for <c>UntypedStorage</c>.</summary>
    public TorchDType? DType { get; } = dtype;

    public override string ToString() => Name;
}
