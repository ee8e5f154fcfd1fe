using System.Globalization;

namespace HuggingFace.Hub.Client;

/// <summary>The hub's own headers of an answer, raw; those of a later hop win over those of an earlier one.</summary>
internal sealed record HubHeaders
{
    public static readonly HubHeaders None = new();

    public string? Commit { get; private init; }

    public string? LinkedETag { get; private init; }

    public string? LinkedSize { get; private init; }

    public string? XetHash { get; private init; }

    /// <summary>The size that <c>X-Linked-Size</c> announces; null when absent or no number.</summary>
    public long? LinkedSizeValue =>
        long.TryParse(LinkedSize, NumberStyles.None, CultureInfo.InvariantCulture, out long size) ? size : null;

    public HubHeaders With(HttpResponseMessage message) => new()
    {
        Commit = Find(message, "X-Repo-Commit") ?? Commit,
        LinkedETag = Find(message, "X-Linked-Etag") ?? LinkedETag,
        LinkedSize = Find(message, "X-Linked-Size") ?? LinkedSize,
        XetHash = Find(message, "X-Xet-Hash") ?? XetHash,
    };

    /// <summary>A header's value as it was sent, not as HttpClient would parse it.</summary>
    public static string? Find(HttpResponseMessage message, string name)
    {
        if (message.Headers.NonValidated.TryGetValues(name, out var values) && values.Count > 0)
        {
            return values.First();
        }

        return message.Content.Headers.NonValidated.TryGetValues(name, out var content) && content.Count > 0 ? content.First() : null;
    }
}
