using PretrainedTokenizers;

namespace Importer.Generation;

/// <summary>What is between text and tokens when a text is continued.</summary>
public sealed class TextOptions
{
    /// <summary>
    /// A text ends before the first of these; one that is a special token, such as <c>&lt;|im_end|&gt;</c>, counts although such tokens are
    /// left out of the text. <value>The default is none.</value>
    /// </summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Whether special tokens, such as <c>&lt;|endoftext|&gt;</c>, are left out of the new text. <value>The default is true.</value></summary>
    public bool SkipSpecialTokens { get; init; } = true;

    /// <summary>
    /// How the prompt is encoded. <value>The default is the tokenizer's own: special tokens in it are recognised. Choose
    /// <see cref="EncodeOptions.Ordinary"/> where the prompt comes from somebody who may not end or steer a text.</value>
    /// </summary>
    public EncodeOptions Encoding { get; init; } = EncodeOptions.Default;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Encoding);
        if (StopStrings is null || StopStrings.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("A stop string is empty. Leave it out.", nameof(StopStrings));
        }
    }
}
