using System.IO.Compression;

namespace HuggingFace.Hub.Client;

/// <summary>Undoes a Content-Encoding that a server used although it was asked not to.</summary>
internal static class ContentDecoding
{
    /// <summary>The encodings of an answer other than identity, in the order in which they were applied.</summary>
    public static IReadOnlyList<string> Find(HttpResponseMessage message) =>
        [.. (HubHeaders.Find(message, "Content-Encoding") ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(name => name.ToLowerInvariant())
            .Where(name => name != "identity")];

    /// <summary>The decoded stream; null when an encoding is unknown or there is more than one.</summary>
    public static Stream? Decode(Stream body, IReadOnlyList<string> encodings) => encodings switch
    {
        [] => body,
        ["gzip" or "x-gzip"] => new GZipStream(body, CompressionMode.Decompress),
        ["deflate"] => new ZLibStream(body, CompressionMode.Decompress),
        ["br"] => new BrotliStream(body, CompressionMode.Decompress),
        _ => null,
    };
}
