namespace Importer.Mapping;

/// <summary>What becomes of a name in a plan.</summary>
public enum TensorFate
{
    /// <summary>The tensor fills parameters, or the parameter is filled.</summary>
    Loaded,

    /// <summary>It is another parameter, or the second copy of one.</summary>
    Tied,

    /// <summary>The tensor is known and not read.</summary>
    Dropped,

    /// <summary>The mapping wants it, and the checkpoint does not have it.</summary>
    Missing,

    /// <summary>The checkpoint has it, and its shape or element type is not what the mapping wants.</summary>
    Misfit,

    /// <summary>The checkpoint has it, and no rule that applies wants it.</summary>
    Unexpected,

    /// <summary>Neither the checkpoint nor the model has such a name.</summary>
    Unknown,
}
