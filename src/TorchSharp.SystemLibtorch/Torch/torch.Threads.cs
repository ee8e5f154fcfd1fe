using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>How many threads one operator may use.</summary>
    public static int get_num_threads() => NativeError.Check(ts_get_num_threads(), nameof(get_num_threads));

    public static void set_num_threads(int num) => NativeError.Check(ts_set_num_threads(num), nameof(set_num_threads));

    /// <summary>How many operators may run beside one another.</summary>
    public static int get_num_interop_threads() => NativeError.Check(ts_get_num_interop_threads(), nameof(get_num_interop_threads));

    public static void set_num_interop_threads(int num) => NativeError.Check(ts_set_num_interop_threads(num), nameof(set_num_interop_threads));
}
