namespace PyTorchCheckpoints;

/// <summary>What a <see cref="CheckpointValue"/> is.</summary>
public enum CheckpointValueKind
{
    /// <summary>Python's <c>None</c>.</summary>
    None,

    /// <summary><see cref="BooleanValue"/>.</summary>
    Boolean,

    /// <summary><see cref="IntegerValue"/>.</summary>
    Integer,

    /// <summary><see cref="FloatValue"/>.</summary>
    Float,

    /// <summary><see cref="TextValue"/>.</summary>
    Text,

    /// <summary><see cref="BytesValue"/>.</summary>
    Bytes,

    /// <summary>A <see cref="SequenceValue"/> that is a list.</summary>
    List,

    /// <summary>A <see cref="SequenceValue"/> that is a tuple.</summary>
    Tuple,

    /// <summary>A <see cref="SequenceValue"/> that is a set.</summary>
    Set,

    /// <summary><see cref="DictionaryValue"/>.</summary>
    Dictionary,

    /// <summary><see cref="PyTorchTensor"/>.</summary>
    Tensor,

    /// <summary><see cref="DTypeValue"/>.</summary>
    DType,

    /// <summary><see cref="OpaqueValue"/>.</summary>
    Opaque,
}
