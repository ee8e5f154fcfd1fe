using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests;

/// <summary>Counts live tensors.</summary>
internal static class LiveTensors
{
    /// <summary>The live tensors after what other tests left to the finalizer is gone: from here on the count is one's own.</summary>
    public static long Settle()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return Tensor.TotalCount;
    }
}
