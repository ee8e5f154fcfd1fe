using System.Text.Json;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Reads the names of the shards from an index; each must be a plain file name, because an index is as foreign as any other text.
/// </summary>
internal static class WeightIndex
{
    private const int MaxShards = 100_000;

    /// <summary>The distinct values of <c>weight_map</c>, in ordinal order.</summary>
    /// <exception cref="HubResponseException">It is no index.</exception>
    /// <exception cref="HubPathException">A shard's name is no plain file name.</exception>
    public static IReadOnlyList<string> ReadShards(byte[] json, string index, PathRules rules, HubErrorContext context)
    {
        var shards = new SortedSet<string>(StringComparer.Ordinal);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 32 });
            bool found = false;
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException("no object");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isMap = reader.ValueTextEquals("weight_map");
                reader.Read();
                if (isMap)
                {
                    found = true;
                    ReadMap(ref reader, shards);
                }
                else
                {
                    reader.Skip();
                }
            }

            if (!found || shards.Count == 0)
            {
                throw new JsonException("no weight_map, or an empty one");
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string with escapes that are no Unicode.
            throw new HubResponseException(
                context with { Path = index },
                $"'{Redaction.Escape(index)}' is no index of weights: {Redaction.Escape(error.Message)}.",
                "Tell the owner of the repository, or choose another format of weights.");
        }

        foreach (string shard in shards)
        {
            string source = $"a shard in the weight_map of '{Redaction.Escape(index)}'";
            RepoPath.Check(shard, rules, source);
            if (shard.Contains('/', StringComparison.Ordinal))
            {
                throw new HubPathException(
                    shard, source, "it is no plain file name", "Tell the owner of the repository.", fromServer: true);
            }
        }

        return [.. shards];
    }

    private static void ReadMap(ref Utf8JsonReader reader, SortedSet<string> shards)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("weight_map is no object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Read();
            shards.Add(reader.TokenType == JsonTokenType.String ? reader.GetString()!
                : throw new JsonException("a value of weight_map is no string"));
            if (shards.Count > MaxShards)
            {
                throw new JsonException($"more than {MaxShards} shards");
            }
        }
    }
}
