using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>The functions of native/. Negative results and null handles stand for a failure; see <see cref="NativeError"/>.</summary>
internal static unsafe partial class NativeMethods
{
    internal const string Library = "torchsharp_system";

    static NativeMethods() => NativeLoader.Install();

    [LibraryImport(Library)]
    internal static partial byte* ts_last_error();

    [LibraryImport(Library)]
    internal static partial nint ts_operator_find(byte* name, byte* overload);

    [LibraryImport(Library)]
    internal static partial int ts_operator_call(nint op, NativeValue* args, int count, NativeValue* results, int capacity);

    [LibraryImport(Library)]
    internal static partial void ts_list_free(nint list);

    [LibraryImport(Library)]
    internal static partial void ts_tensor_free(nint tensor);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial nint ts_tensor_retain(nint tensor);

    // The queries below only read fields: leaving the GC's cooperative mode would cost more than they do.
    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int ts_tensor_info(nint tensor, NativeTensorInfo* info);

    [LibraryImport(Library)]
    internal static partial int ts_tensor_data(nint tensor, nint* data);

    [LibraryImport(Library)]
    internal static partial int ts_tensor_storage(nint tensor, nint* data, ulong* bytes);

    [LibraryImport(Library)]
    internal static partial nint ts_tensor_from_memory(nint data, long* sizes, int dim, int dtype, delegate* unmanaged<nint, void> deleter, nint context);

    [LibraryImport(Library)]
    internal static partial int ts_set_requires_grad(nint tensor, int value);

    [LibraryImport(Library)]
    internal static partial int ts_retain_grad(nint tensor);

    [LibraryImport(Library)]
    internal static partial int ts_grad_get(nint tensor, nint* grad);

    [LibraryImport(Library)]
    internal static partial int ts_grad_set(nint tensor, nint grad);

    [LibraryImport(Library)]
    internal static partial int ts_backward(
        nint* tensors, long count, nint* grads, long gradCount, int retainGraph, int createGraph, nint* inputs, long inputCount);

    [LibraryImport(Library)]
    internal static partial int ts_grad(
        nint* outputs, long count, nint* inputs, long inputCount, nint* grads, long gradCount, int retainGraph, int createGraph, int allowUnused, nint* results);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int ts_grad_mode();

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial void ts_set_grad_mode(int enabled);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int ts_inference_mode();

    [LibraryImport(Library)]
    internal static partial nint ts_inference_guard_new(int enabled);

    [LibraryImport(Library)]
    internal static partial void ts_inference_guard_free(nint guard);

    [LibraryImport(Library)]
    internal static partial nint ts_generator_default(int deviceType, int deviceIndex);

    [LibraryImport(Library)]
    internal static partial nint ts_generator_new(ulong seed, int deviceType, int deviceIndex);

    [LibraryImport(Library)]
    internal static partial void ts_generator_free(nint generator);

    [LibraryImport(Library)]
    internal static partial int ts_generator_seed(nint generator, ulong seed);

    [LibraryImport(Library)]
    internal static partial int ts_generator_initial_seed(nint generator, ulong* seed);

    [LibraryImport(Library)]
    internal static partial nint ts_generator_get_state(nint generator);

    [LibraryImport(Library)]
    internal static partial int ts_generator_set_state(nint generator, nint state);

    [LibraryImport(Library)]
    internal static partial int ts_manual_seed(ulong seed);

    [LibraryImport(Library)]
    internal static partial int ts_get_num_threads();

    [LibraryImport(Library)]
    internal static partial int ts_set_num_threads(int count);

    [LibraryImport(Library)]
    internal static partial void ts_release_startup_pages();

    [LibraryImport(Library)]
    internal static partial int ts_get_num_interop_threads();

    [LibraryImport(Library)]
    internal static partial int ts_set_num_interop_threads(int count);

    [LibraryImport(Library)]
    internal static partial byte* ts_version();

    [LibraryImport(Library)]
    internal static partial int ts_cuda_device_count();

    [LibraryImport(Library)]
    internal static partial int ts_cudnn_available();

    [LibraryImport(Library)]
    internal static partial int ts_cuda_synchronize(int index);

    [LibraryImport(Library)]
    internal static partial int ts_cuda_manual_seed(ulong seed, int all);

    [LibraryImport(Library)]
    internal static partial int ts_setting_get(int setting);

    [LibraryImport(Library)]
    internal static partial int ts_setting_set(int setting, int value);
}
