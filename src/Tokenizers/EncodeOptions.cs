namespace PretrainedTokenizers;

/// <summary>How a text is encoded. The defaults are those of transformers' <c>tokenizer(text)</c>.</summary>
public sealed class EncodeOptions
{
    /// <summary>As transformers: added tokens are recognised, and what the model begins and ends a text with is added.</summary>
    public static EncodeOptions Default { get; } = new();

    /// <summary>
    /// The text and nothing else: no added token is recognised and none is added. For training text, and text of unknown origin.
    /// </summary>
    public static EncodeOptions Ordinary { get; } = new() { AddedTokens = AddedTokenHandling.AsText, AddSpecialTokens = false };

    /// <summary>Which added tokens are recognised in the text. Default: all of them.</summary>
    public AddedTokenHandling AddedTokens { get; init; } = AddedTokenHandling.Recognise;

    /// <summary>
    /// Whether the tokens are added that the tokenizer's files say a text begins and ends with: none for GPT-2, a beginning of text for
    /// Llama 3. Default: true.
    /// </summary>
    public bool AddSpecialTokens { get; init; } = true;
}
