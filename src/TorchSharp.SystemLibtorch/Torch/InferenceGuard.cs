using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp;

/// <summary>
/// Sets the thread's inference mode and restores the previous state when disposed. Without a finalizer: the state
/// belongs to the thread that made the guard, and a finalizer would restore it on another.
/// </summary>
internal sealed class InferenceGuard(bool enabled) : IDisposable
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private nint _guard = NativeError.Check(ts_inference_guard_new(enabled ? 1 : 0), "inference_mode");

    public void Dispose()
    {
        if (Environment.CurrentManagedThreadId != _thread)
            throw new InvalidOperationException("Inference mode must end on the thread on which it began.");
        var guard = Interlocked.Exchange(ref _guard, 0);
        if (guard != 0)
            ts_inference_guard_free(guard);
    }
}
