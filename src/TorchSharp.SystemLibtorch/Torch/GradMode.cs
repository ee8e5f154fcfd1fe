using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp;

/// <summary>Sets the thread's grad mode and restores the previous one when disposed.</summary>
internal sealed class GradMode : IDisposable
{
    private readonly int _previous;
    private bool _disposed;

    public GradMode(bool enabled)
    {
        _previous = ts_grad_mode();
        ts_set_grad_mode(enabled ? 1 : 0);
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        ts_set_grad_mode(_previous);
    }
}
