using System.Runtime.CompilerServices;
using Importer.Generation;
using Microsoft.Extensions.AI;
using PretrainedTokenizers;

namespace Importer.Extensions.AI;

/// <summary>A text generator behind Microsoft.Extensions.AI's interface.</summary>
internal sealed class PretrainedChatClient : IChatClient
{
    private readonly TextGenerator _generator;
    private readonly PretrainedChatOptions _options;
    private readonly ChatTemplate? _template;

    public PretrainedChatClient(TextGenerator generator, PretrainedChatOptions options)
    {
        _generator = generator;
        _options = options;
        _template = options.Format is null ? ChatTemplate.Of(generator.Tokenizer) : null;
    }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            updates.Add(update);
        }

        return updates.ToChatResponse();
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        List<ChatMessage> all = [.. options?.Instructions is { Length: > 0 } instructions ? new[] { new ChatMessage(ChatRole.System, instructions) } : [], .. messages];
        string prompt = _options.Format?.Invoke(all) ?? _template?.Render(all) ?? string.Join('\n', all.Select(message => message.Text));
        var text = new TextOptions
        {
            StopStrings = [.. options?.StopSequences ?? []],

            // A template writes the beginning of a text itself where the model wants one.
            Encoding = _template is null ? EncodeOptions.Default : new EncodeOptions { AddSpecialTokens = false },
        };
        string id = Guid.NewGuid().ToString("N");
        long count = 0;
        await foreach (var part in _generator.StreamAsync(prompt, Generation(options), text, cancellationToken).ConfigureAwait(false))
        {
            count++;
            if (part.Text.Length > 0 || part.FinishReason is not null)
            {
                yield return Update(id, new TextContent(part.Text), part.FinishReason);
            }
        }

        long input = _generator.Tokenizer.Count(prompt, text.Encoding);
        yield return Update(id, new UsageContent(new UsageDetails { InputTokenCount = input, OutputTokenCount = count, TotalTokenCount = input + count }), null);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("pretrained", null, _options.ModelId)
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(_generator) ? _generator
            : null;
    }

    public void Dispose()
    {
        if (_options.OwnsGenerator)
        {
            _generator.Dispose();
        }
    }

    private ChatResponseUpdate Update(string id, AIContent content, FinishReason? finish) => new(ChatRole.Assistant, [content])
    {
        ResponseId = id,
        MessageId = id,
        ModelId = _options.ModelId,
        CreatedAt = DateTimeOffset.UtcNow,
        FinishReason = finish switch
        {
            null => null,
            FinishReason.StopToken or FinishReason.StopString => ChatFinishReason.Stop,
            _ => ChatFinishReason.Length,
        },
    };

    private GenerationOptions Generation(ChatOptions? options)
    {
        if (options?.Tools is { Count: > 0 })
        {
            throw new NotSupportedException("This client calls no tools. Leave ChatOptions.Tools empty.");
        }

        var given = _options.Generation;
        return new GenerationOptions
        {
            MaxNewTokens = options?.MaxOutputTokens ?? given.MaxNewTokens,
            Temperature = options?.Temperature ?? given.Temperature,
            TopK = options?.TopK ?? given.TopK,
            TopP = options?.TopP ?? given.TopP,
            MinP = given.MinP,
            RepetitionPenalty = given.RepetitionPenalty,
            StopTokens = given.StopTokens,
            Seed = options?.Seed is { } seed ? unchecked((ulong)seed) : given.Seed,
            Overflow = given.Overflow,
            UseCache = given.UseCache,
            LogitsHooks = given.LogitsHooks,
        };
    }
}
