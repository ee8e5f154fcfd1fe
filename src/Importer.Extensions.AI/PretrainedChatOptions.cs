using Importer.Generation;
using Microsoft.Extensions.AI;

namespace Importer.Extensions.AI;

/// <summary>How a model becomes a chat client.</summary>
public sealed class PretrainedChatOptions
{
    /// <summary>
    /// Makes a prompt of messages. <value>The default, null, is the model's chat template; for a model without one, the texts of all
    /// messages one below the other, which it continues.</value>
    /// </summary>
    public Func<IReadOnlyList<ChatMessage>, string>? Format { get; init; }

    /// <summary>What is used where a request's own <see cref="ChatOptions"/> say nothing. <value>The default is the model's recommendations.</value></summary>
    public GenerationOptions Generation { get; init; } = new();

    /// <summary>The name that answers carry. <value>The default is null.</value></summary>
    public string? ModelId { get; init; }

    /// <summary>Whether disposing the client disposes the generator. <value>The default is false.</value></summary>
    public bool OwnsGenerator { get; init; }
}
