using static TorchSharp.torch;

namespace Importer.Training.Tests;

/// <summary>Counts tensors that are alive, once what earlier tests left to the finalizer is gone.</summary>
internal static class LiveTensors
{
    public static long Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Tensor.TotalCount;
    }
}
