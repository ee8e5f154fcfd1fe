using Importer.Extensions.AI.Templates;
using Microsoft.Extensions.AI;
using PretrainedTokenizers;

namespace Importer.Extensions.AI;

/// <summary>
/// A model's chat template: messages become the text that the model was trained to answer. It is read as Jinja, rendered as transformers'
/// <c>apply_chat_template</c> does it, and can neither reach anything nor run on.
/// </summary>
/// <remarks>
/// As in transformers, what a message says is not kept apart from what the template says: a message that spells out a special
/// token is encoded as one. Take such texts out of messages of unknown origin.
/// </remarks>
public sealed class ChatTemplate
{
    private readonly JinjaTemplate _template;
    private readonly string _bos;
    private readonly string _eos;

    private ChatTemplate(JinjaTemplate template, string bos, string eos)
    {
        _template = template;
        _bos = bos;
        _eos = eos;
    }

    /// <summary>The template of a tokenizer; null where it has none.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <exception cref="ChatTemplateException">The template is broken, or uses a part of Jinja that is not supported.</exception>
    public static ChatTemplate? Of(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        string Special(int? id) => id is { } number ? tokenizer.Decode([number]) : "";
        return tokenizer.ChatTemplate is { } text ? Parse(text, Special(tokenizer.BosId), Special(tokenizer.EosId)) : null;
    }

    /// <summary>Reads a template.</summary>
    /// <param name="jinja">The template's text.</param>
    /// <param name="bosToken">What <c>bos_token</c> stands for.</param>
    /// <param name="eosToken">What <c>eos_token</c> stands for.</param>
    /// <exception cref="ChatTemplateException">The template is broken, or uses a part of Jinja that is not supported.</exception>
    public static ChatTemplate Parse(string jinja, string bosToken = "", string eosToken = "")
    {
        ArgumentNullException.ThrowIfNull(jinja);
        return new ChatTemplate(JinjaTemplate.Parse(jinja), bosToken, eosToken);
    }

    /// <summary>Formats messages.</summary>
    /// <param name="messages">The conversation, oldest first. Only their text is used.</param>
    /// <param name="addGenerationPrompt">Whether what begins an answer stands at the end.</param>
    /// <exception cref="ChatTemplateException">The template refuses the messages, or uses a part of Jinja that is not supported.</exception>
    public string Render(IEnumerable<ChatMessage> messages, bool addGenerationPrompt = true)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return _template.Render(
        [
            new("messages", messages.Select(message => (object?)new Dictionary<string, object?> { ["role"] = message.Role.Value, ["content"] = message.Text }).ToList()),
            new("add_generation_prompt", addGenerationPrompt),
            new("bos_token", _bos),
            new("eos_token", _eos),
            new("tools", null),
            new("documents", null),
        ]);
    }
}
