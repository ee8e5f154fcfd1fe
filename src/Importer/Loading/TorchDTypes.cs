using SafeTensorSharp;
using static TorchSharp.torch;

namespace Importer.Loading;

/// <summary>The dtypes of files and those of torch.</summary>
internal static class TorchDTypes
{
    /// <summary>The torch dtype that stores the file's dtype bit for bit; null where TorchSharp has none.</summary>
    public static ScalarType? ToTorch(DType dtype) => dtype switch
    {
        DType.F32 => ScalarType.Float32,
        DType.F64 => ScalarType.Float64,
        DType.F16 => ScalarType.Float16,
        DType.BF16 => ScalarType.BFloat16,
        _ => null,
    };

    /// <summary>The file dtype of a parameter's dtype.</summary>
    public static DType FromTorch(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => DType.F32,
        ScalarType.Float64 => DType.F64,
        ScalarType.Float16 => DType.F16,
        ScalarType.BFloat16 => DType.BF16,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Parameters are Float32, Float64, Float16 or BFloat16."),
    };
}
