using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>What a tensor says of itself, in one call; mirrors TensorInfo in tensors.cpp.</summary>
/// <remarks>The two pointers lead into the tensor and live as long as it does.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeTensorInfo
{
    private const int RequiresGradFlag = 1, IsLeafFlag = 2, IsContiguousFlag = 4, IsStridedFlag = 8;

    public long* SizesPointer;
    public long* StridesPointer;
    public long Dimensions;
    public long NumberOfElements;
    public long StorageOffset;
    public int ElementSize;
    public int DType;
    public int DeviceType;
    public int DeviceIndex;
    public int Flags;
    public int Reserved;

    public readonly ReadOnlySpan<long> Sizes => new(SizesPointer, (int)Dimensions);

    public readonly ReadOnlySpan<long> Strides => new(StridesPointer, StridesPointer == null ? 0 : (int)Dimensions);

    public readonly bool RequiresGrad => (Flags & RequiresGradFlag) != 0;

    public readonly bool IsLeaf => (Flags & IsLeafFlag) != 0;

    public readonly bool IsContiguous => (Flags & IsContiguousFlag) != 0;

    public readonly bool IsStrided => (Flags & IsStridedFlag) != 0;
}
