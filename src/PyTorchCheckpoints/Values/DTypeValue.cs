namespace PyTorchCheckpoints;

/// <summary>A dtype as a value, such as <c>torch.float16</c> in a configuration.</summary>
public sealed class DTypeValue : CheckpointValue
{
    /// <summary>The dtype as a value.</summary>
    public DTypeValue(TorchDType value)
    {
        _ = TorchDTypes.Name(value);
        Value = value;
    }

    /// <inheritdoc/>
    public override CheckpointValueKind Kind => CheckpointValueKind.DType;

    /// <summary>The dtype.</summary>
    public TorchDType Value { get; }

    /// <inheritdoc/>
    public override string ToString() => "torch." + TorchDTypes.Name(Value);
}
