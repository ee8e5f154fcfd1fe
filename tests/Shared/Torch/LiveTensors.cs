using static TorchSharp.torch;

namespace Tests.Shared;

/// <summary>Counts live tensors.</summary>
internal static class LiveTensors
{
    /// <summary>The live tensors, once what earlier tests left to the finalizer is gone: from here on the count is one's own.</summary>
    public static long Settle()
    {
        // What holds tensors may itself have to be finalized first, and threads that have ended hold theirs for a while.
        long count = -1;
        for (int i = 0; i < 10 && count != Tensor.TotalCount; i++)
        {
            count = Tensor.TotalCount;
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return Tensor.TotalCount;
    }
}
