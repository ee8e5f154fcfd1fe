using SafeTensorSharp;

namespace Importer.Mapping;

/// <summary>Which element types a parameter can be filled from, what it becomes, and what that costs.</summary>
internal static class ParameterDTypes
{
    internal const string Choices = "F16, BF16, F32 or F64";

    /// <summary>Whether a parameter can have this type.</summary>
    internal static bool IsParameter(DType dtype) => dtype is DType.F16 or DType.BF16 or DType.F32 or DType.F64;

    /// <summary>Bytes of one element of a type that a parameter can have.</summary>
    internal static int ByteSize(DType parameter) => parameter switch
    {
        DType.F64 => 8,
        DType.F32 => 4,
        DType.F16 or DType.BF16 => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(parameter), parameter, $"A parameter is {Choices}."),
    };

    /// <summary>The type of a parameter filled from <paramref name="source"/>, or null where it cannot be filled.</summary>
    /// <remarks>
    /// 8-bit floats, which torch's older versions lack, become BF16: it holds every one of their values exactly. F8_E8M0 is no
    /// weight: powers of two without a sign, it holds the scales of block-quantised formats (OCP Microscaling).
    /// </remarks>
    internal static DType? Resolve(DType source, DType? wanted) => source switch
    {
        DType.F16 or DType.BF16 or DType.F32 or DType.F64 => wanted ?? source,
        DType.F8E5M2 or DType.F8E4M3 or DType.F8E5M2Fnuz or DType.F8E4M3Fnuz => wanted ?? DType.BF16,
        _ => null,
    };

    /// <summary>The one type that holds every value of some that parameters can be filled from.</summary>
    internal static DType Common(IEnumerable<DType> sources)
    {
        DType[] types = [.. sources.Select(source => Resolve(source, wanted: null)!.Value).Distinct()];
        return types.Length == 1 ? types[0] : types.Contains(DType.F64) ? DType.F64 : DType.F32;
    }

    /// <summary>Whether some value of <paramref name="from"/> has no equal in <paramref name="to"/>.</summary>
    internal static bool IsLossy(DType from, DType to) => !DTypes.IsLossless(from, to);
}
