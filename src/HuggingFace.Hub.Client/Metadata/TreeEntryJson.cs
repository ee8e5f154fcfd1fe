namespace HuggingFace.Hub.Client;

/// <summary>An element of the answer of <c>/api/models/{id}/tree/{commit}</c>.</summary>
internal sealed class TreeEntryJson
{
    public string? Type { get; set; }

    public string? Oid { get; set; }

    public long? Size { get; set; }

    public string? Path { get; set; }

    public TreeLfsJson? Lfs { get; set; }

    public string? XetHash { get; set; }
}
