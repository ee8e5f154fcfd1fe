using Importer.Loading;
using static TorchSharp.torch;

namespace Importer.Training.Optimization;

/// <summary>Tensors whose elements our own loops may touch.</summary>
internal static class CpuMemory
{
    /// <summary>Whether a tensor is a plain array of f32 in this process's memory.</summary>
    public static bool IsPlain(Tensor tensor) =>
        tensor.device_type == TorchSharp.DeviceType.CPU && tensor.dtype == ScalarType.Float32 && tensor.is_contiguous();

    /// <summary>Where it is; 0 for a tensor without elements.</summary>
    public static nint Address(Tensor tensor) => tensor.numel() == 0 ? 0 : ParameterMemory.Address(tensor);
}
