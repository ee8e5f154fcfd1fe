namespace PyTorchCheckpoints;

/// <summary>How a checkpoint's parts are put together.</summary>
public enum CheckpointContainer
{
    /// <summary>A zip archive, as <c>torch.save</c> writes since PyTorch 1.6.</summary>
    Zip,

    /// <summary>Pickles and storages one after the other, as PyTorch 0.1.10 to 1.5 wrote; the published gpt2 is such a file.</summary>
    Legacy,
}
