namespace PretrainedTokenizers;

/// <summary>
/// A tokenizer uses something that this library does not do; ignoring it would give other ids than the model was trained on.
/// </summary>
public sealed class TokenizerUnsupportedException : TokenizerException
{
    internal TokenizerUnsupportedException(IReadOnlyList<string> features, string? path)
        : base(
            "Not supported: " + ProblemList.Join(features),
            "Byte-level BPE is read (GPT-2, GPT-NeoX, Llama 3, Qwen2, SmolLM, minimind and those that share their files' form); "
            + "use a checkpoint with such a tokenizer.",
            path)
    {
        Features = features;
    }

    /// <summary>What is not supported, one entry each, with the place in the file; names are escaped.</summary>
    public IReadOnlyList<string> Features { get; }
}
