namespace PyTorchCheckpoints;

/// <summary>
/// What a persistent id stands for: a storage, or a part of one (the legacy format's views). Only ever a tensor's argument, so its kind is
/// never seen.
/// </summary>
internal sealed class StorageValue(TensorStorage storage, long offset, long count, bool isUntyped) : CheckpointValue
{
    public override CheckpointValueKind Kind => CheckpointValueKind.Opaque;

    public TensorStorage Storage { get; } = storage;

    /// <summary>Where the part begins, in elements.</summary>
    public long Offset { get; } = offset;

    /// <summary>How many elements the part has.</summary>
    public long Count { get; } = count;

    /// <summary>Whether the tensor says what the elements are.</summary>
    public bool IsUntyped { get; } = isUntyped;
}
