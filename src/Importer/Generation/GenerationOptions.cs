namespace Importer.Generation;

/// <summary>
/// How a text is continued. What is left at null comes from the model's generation_config.json where it has one
/// (<see cref="GenerationDefaults"/>), else from the default stated here.
/// </summary>
public sealed class GenerationOptions
{
    /// <summary>How many tokens to make at most, at least 1. <value>The default is 128.</value></summary>
    public int? MaxNewTokens { get; init; }

    /// <summary>
    /// What logits are divided by before the softmax: below 1 the likely become likelier. 0 takes the likeliest token always,
    /// the lowest id of equals. <value>The default is 0; or 1 where top-k, top-p or min-p is asked for.</value>
    /// </summary>
    public double? Temperature { get; init; }

    /// <summary>
    /// Only the k likeliest tokens are drawn from, and those equal to the last of them, as in nanoGPT and transformers; 0 for all.
    /// <value>The default is 0.</value>
    /// </summary>
    public int? TopK { get; init; }

    /// <summary>
    /// Only the likeliest tokens whose probabilities reach this sum are drawn from (nucleus sampling, Holtzman et al. 2020), above 0
    /// to 1. <value>The default is 1: all.</value>
    /// </summary>
    public double? TopP { get; init; }

    /// <summary>
    /// Only tokens that have at least this part of the likeliest one's probability are drawn from (Nguyen et al. 2024), from 0 to 1.
    /// <value>The default is 0: all.</value>
    /// </summary>
    public double? MinP { get; init; }

    /// <summary>
    /// Tokens that are in the prompt or were made have their logits divided by this where positive, multiplied where negative
    /// (CTRL, Keskar et al. 2019); above 0. <value>The default is 1: nothing changes.</value>
    /// </summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>Tokens that end a continuation; empty for none. <value>The default is the model's own end of text.</value></summary>
    public IReadOnlyCollection<int>? StopTokens { get; init; }

    /// <summary>
    /// What the draws depend on: the same seed, options and logits give the same tokens on every machine, whatever else is in the
    /// batch. <value>The default, null, is another one each time.</value>
    /// </summary>
    public ulong? Seed { get; init; }

    /// <summary>Continuations of each prompt, which is computed once for all of them. <value>The default is 1.</value></summary>
    public int NumSamples { get; init; } = 1;

    /// <summary>What happens where the context is full. <value>The default is <see cref="ContextOverflow.Slide"/>.</value></summary>
    public ContextOverflow Overflow { get; init; }

    /// <summary>
    /// Whether keys and values of earlier tokens are kept. Without, every token costs a pass over the whole text and the result is the
    /// same: for comparisons. <value>The default is true.</value>
    /// </summary>
    public bool UseCache { get; init; } = true;

    /// <summary>See and change the logits, in this order. <value>The default is none.</value></summary>
    public IReadOnlyList<LogitsHook> LogitsHooks { get; init; } = [];
}
