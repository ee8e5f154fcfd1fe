using static TorchSharp.torch;

namespace Importer.Training;

/// <summary>Windows of tokens and what should follow each token. Disposing it frees both.</summary>
/// <param name="Ids">Token ids, I64 [windows, length], on the CPU.</param>
/// <param name="Targets">The id that should follow each, I64 [windows, length], on the CPU; -100 is not counted.</param>
public sealed record TokenBatch(Tensor Ids, Tensor Targets) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Ids.Dispose();
        Targets.Dispose();
    }
}
