using Importer.Generation;
using Microsoft.Extensions.AI;

namespace Importer.Extensions.AI;

/// <summary>Text generators as chat clients.</summary>
public static class TextGeneratorExtensions
{
    /// <summary>A chat client that answers with this model: by its chat template where it has one, as a plain continuation where not.</summary>
    /// <param name="generator">The model with its tokenizer.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="ChatTemplateException">The model's template is broken, or uses a part of Jinja that is not supported.</exception>
    public static IChatClient AsChatClient(this TextGenerator generator, PretrainedChatOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return new PretrainedChatClient(generator, options ?? new PretrainedChatOptions());
    }
}
