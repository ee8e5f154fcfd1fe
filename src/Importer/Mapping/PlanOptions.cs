using SafeTensorSharp;

namespace Importer.Mapping;

/// <summary>What a plan is to aim at. The defaults change nothing: every parameter keeps its tensor's element type.</summary>
public sealed class PlanOptions
{
    /// <summary>
    /// The element type of every parameter: F16, BF16, F32 or F64. Default null: as in the checkpoint (8-bit floats become
    /// BF16, which holds their values exactly).
    /// </summary>
    public DType? TargetDType { get; init; }

    /// <summary>
    /// How many tensor names a configuration may make a table stand for, against hostile ones. Default 1,000,000.
    /// </summary>
    public int MaxNames { get; init; } = 1_000_000;

    internal void Validate()
    {
        if (TargetDType is { } dtype && !ParameterDTypes.IsParameter(dtype))
        {
            throw new ArgumentException(
                $"{nameof(TargetDType)} is {dtype}; parameters are {ParameterDTypes.Choices}.", nameof(TargetDType));
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxNames);
    }
}
