using System.Runtime.InteropServices;
using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    private static readonly Op FromFile = "aten::from_file";

    /// <summary>
    /// A tensor over a mapped file, from its first byte on. Pages are read when they are touched. Not shared: what is
    /// written stays in memory (a private, copy-on-write mapping). Shared: it goes to the file, which grows if it is
    /// too short.
    /// </summary>
    /// <param name="filename">The file.</param>
    /// <param name="shared">Whether writes go to the file; default false.</param>
    /// <param name="size">The number of elements.</param>
    /// <param name="dtype">The elements' type; default: the default dtype.</param>
    /// <param name="device">The CPU.</param>
    /// <param name="requires_grad">Whether autograd records operations on the tensor.</param>
    public static Tensor from_file(
        string filename, bool? shared = null, long? size = 0, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        var tensor = FromFile.Call(filename, shared, size, dtype ?? get_default_dtype(), default, InitializeDevice(device));
        return WithGrad(tensor, requires_grad);
    }

    /// <summary>A tensor over a managed array, which stays pinned as long as any view of the tensor lives.</summary>
    /// <param name="rawArray">An array of numbers.</param>
    /// <param name="dtype">The tensor's dtype; if it is not the array's, the numbers are converted, and so copied.</param>
    /// <param name="count">How many elements; -1: all after the offset.</param>
    /// <param name="offset">The first element.</param>
    /// <param name="requires_grad">Whether autograd records operations on the tensor.</param>
    public static unsafe Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        long length = rawArray.LongLength;
        if (offset < 0 || offset >= length)
            throw new ArgumentException($"invalid value for 'offset': {offset}");
        if (count < 0)
            count = length - offset;
        if (count > length - offset)
            throw new IndexOutOfRangeException($"element count is too large: {count}");
        var type = ToScalarType(rawArray.GetType().GetElementType()!);

        var pin = GCHandle.Alloc(rawArray, GCHandleType.Pinned);
        var first = pin.AddrOfPinnedObject() + (nint)(offset * type.ElementSize());
        var handle = ts_tensor_from_memory(first, &count, 1, (int)type, &Unpin, GCHandle.ToIntPtr(pin));
        if (handle == 0)
        {
            pin.Free();
            NativeError.Throw(nameof(frombuffer));
        }
        var tensor = new Tensor(handle);
        if (dtype != type)
            tensor = tensor.to(dtype, disposeAfter: true);
        return WithGrad(tensor, requires_grad);
    }

    internal static ScalarType ToScalarType(Type type) =>
        type == typeof(bool) ? ScalarType.Bool
        : type == typeof(byte) ? ScalarType.Byte
        : type == typeof(sbyte) ? ScalarType.Int8
        : type == typeof(short) ? ScalarType.Int16
        : type == typeof(int) ? ScalarType.Int32
        : type == typeof(long) ? ScalarType.Int64
        : type == typeof(Half) ? ScalarType.Float16
        : type == typeof(BFloat16) ? ScalarType.BFloat16
        : type == typeof(float) ? ScalarType.Float32
        : type == typeof(double) ? ScalarType.Float64
        : throw new NotSupportedException($"The type {type.FullName} is not supported.");

    [UnmanagedCallersOnly]
    private static void Unpin(nint handle) => GCHandle.FromIntPtr(handle).Free();
}
