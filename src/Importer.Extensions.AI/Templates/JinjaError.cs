namespace Importer.Extensions.AI.Templates;

/// <summary>The exceptions of templates, each with what to do.</summary>
internal static class JinjaError
{
    public static ChatTemplateException Unsupported(string what) => new(
        $"The chat template uses {Shorten(what)}, which is not supported", "Give the chat client a function that formats messages, in PretrainedChatOptions.Format.");

    public static ChatTemplateException Broken(string what) => new(
        $"The chat template is broken: {Shorten(what)}", "Take the tokenizer_config.json or chat_template.jinja that belongs to the model, or give PretrainedChatOptions.Format.");

    public static ChatTemplateException Fails(string what) => new(
        $"The chat template cannot be applied to these messages: {Shorten(what)}", "Change their roles or their order.");

    private static string Shorten(string text)
    {
        string escaped = System.Text.Json.JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();
        return escaped.Length <= 200 ? escaped : $"{escaped.AsSpan(0, 200)}…";
    }
}
