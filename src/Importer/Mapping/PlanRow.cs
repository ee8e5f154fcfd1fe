using Importer.Mapping.Operations;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Mapping;

/// <summary>How one parameter is filled: from which tensors, changed how, and why.</summary>
public sealed record PlanRow
{
    internal PlanRow(
        string target, IReadOnlyList<long> shape, IReadOnlyList<SourceTensor> sources, TensorOperation operation, int piece, DType dtype,
        long byteCount, RuleLocation rule)
    {
        Target = target;
        Shape = shape;
        Sources = sources;
        Operation = operation;
        Piece = piece;
        DType = dtype;
        ByteCount = byteCount;
        Rule = rule;
        Copies = [.. sources.Select((source, i) => operation.Copy(source, sources.Count == 1 ? piece : i, shape))];
        BytesToRead = Copies.Sum(copy => copy.Elements * (DTypes.BitSize(copy.Source.DType) / 8));
    }

    /// <summary>The parameter's name in the model, such as <c>transformer.h.0.attn.c_attn.weight</c>.</summary>
    public string Target { get; }

    /// <summary>The parameter's dimensions, after <see cref="Operation"/>.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The tensor it is filled from, or the first of them: key, element type, shape, file and bytes.</summary>
    public SourceTensor Source => Sources[0];

    /// <summary>All tensors that it is filled from; more than one where they are put together.</summary>
    public IReadOnlyList<SourceTensor> Sources { get; }

    /// <summary>What is done to the tensors on their way.</summary>
    public TensorOperation Operation { get; }

    /// <summary>Which piece of the source it is, from 0, where <see cref="Operation"/> makes several parameters of one tensor.</summary>
    public int Piece { get; }

    /// <summary>The parameter's element type: F16, BF16, F32 or F64.</summary>
    public DType DType { get; }

    /// <summary>The parameter's size in bytes.</summary>
    public long ByteCount { get; }

    /// <summary>Bytes of the checkpoint that fill the parameter.</summary>
    public long BytesToRead { get; }

    /// <summary>The rule of the mapping that says so.</summary>
    public RuleLocation Rule { get; }

    /// <summary>Whether the element type changes.</summary>
    public bool IsCast => Sources.Any(source => source.DType != DType);

    /// <summary>Whether the change of element type can lose precision or range.</summary>
    public bool IsLossy => Sources.Any(source => ParameterDTypes.IsLossy(source.DType, DType));

    /// <summary>Whether the parameter has elements that no tensor fills; they are zero.</summary>
    public bool IsPadded => Operation.Pads;

    /// <summary>Whether the tensor has elements that the parameter has no place for.</summary>
    public bool IsCropped => Operation.Crops;

    /// <summary>Whether the file's bytes are the parameter's bytes, so that they can be read straight into it.</summary>
    public bool IsVerbatim => Operation.IsNone && !IsCast && Source.ByteCount == ByteCount;

    /// <summary>
    /// Whether the parameter could use a mapping of the file without a copy: <see cref="IsVerbatim"/>, and the bytes begin at a
    /// multiple of the element size.
    /// </summary>
    public bool IsMappable => IsVerbatim && Source.Offset % ParameterDTypes.ByteSize(DType) == 0;

    /// <summary>Where the elements go.</summary>
    internal IReadOnlyList<StridedCopy> Copies { get; }
}
