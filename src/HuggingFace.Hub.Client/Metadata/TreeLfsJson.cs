namespace HuggingFace.Hub.Client;

/// <summary>The part of a listing's element that tells of LFS.</summary>
internal sealed class TreeLfsJson
{
    public string? Oid { get; set; }

    public long? Size { get; set; }
}
