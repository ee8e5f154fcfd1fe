using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>A string of bytes.</summary>
public sealed class BytesValue : CheckpointValue
{
    /// <summary>The bytes, which are not copied.</summary>
    public BytesValue(ReadOnlyMemory<byte> value) => Value = value;

    /// <inheritdoc/>
    public override CheckpointValueKind Kind => CheckpointValueKind.Bytes;

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <inheritdoc/>
    public override string ToString() => Invariant($"{Value.Length} bytes");
}
