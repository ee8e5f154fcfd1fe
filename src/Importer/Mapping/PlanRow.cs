using Importer.Mapping.Operations;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Mapping;

/// <summary>How one parameter is filled: from which tensor, changed how, and why.</summary>
public sealed record PlanRow
{
    internal PlanRow(
        string target, IReadOnlyList<long> shape, SourceTensor source, TensorOperation operation, DType dtype, long byteCount,
        RuleLocation rule)
    {
        Target = target;
        Shape = shape;
        Source = source;
        Operation = operation;
        DType = dtype;
        ByteCount = byteCount;
        Rule = rule;
        Copies = [operation.Copy(source)];
    }

    /// <summary>The parameter's name in the model, such as <c>transformer.h.0.attn.c_attn.weight</c>.</summary>
    public string Target { get; }

    /// <summary>The parameter's dimensions, after <see cref="Operation"/>.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The tensor it is filled from: key, element type, shape, file and bytes.</summary>
    public SourceTensor Source { get; }

    /// <summary>What is done to the tensor on its way.</summary>
    public TensorOperation Operation { get; }

    /// <summary>The parameter's element type: F16, BF16, F32 or F64.</summary>
    public DType DType { get; }

    /// <summary>The parameter's size in bytes.</summary>
    public long ByteCount { get; }

    /// <summary>The rule of the mapping that says so.</summary>
    public RuleLocation Rule { get; }

    /// <summary>Bytes of the checkpoint that fill the parameter.</summary>
    public long BytesToRead => Source.ByteCount;

    /// <summary>Where the elements go.</summary>
    internal IReadOnlyList<StridedCopy> Copies { get; }

    /// <summary>Whether the element type changes.</summary>
    public bool IsCast => Source.DType != DType;

    /// <summary>Whether the change of element type can lose precision or range.</summary>
    public bool IsLossy => ParameterDTypes.IsLossy(Source.DType, DType);

    /// <summary>Whether the file's bytes are the parameter's bytes, so that they can be read straight into it.</summary>
    public bool IsVerbatim => Operation is IdentityOperation && !IsCast && Source.ByteCount == ByteCount;

    /// <summary>
    /// Whether the parameter could use a mapping of the file without a copy: <see cref="IsVerbatim"/>, and the bytes begin at a
    /// multiple of the element size.
    /// </summary>
    public bool IsMappable => IsVerbatim && Source.Offset % ParameterDTypes.ByteSize(DType) == 0;
}
