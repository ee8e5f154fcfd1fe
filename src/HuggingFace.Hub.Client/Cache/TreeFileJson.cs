using System.Text.Json.Serialization;

namespace HuggingFace.Hub.Client;

/// <summary>One file in <c>trees/{commit}.json</c>.</summary>
internal sealed class TreeFileJson
{
    [JsonPropertyName("size")]
    public long? Size { get; set; }

    [JsonPropertyName("blob_id")]
    public string? BlobId { get; set; }

    [JsonPropertyName("lfs_sha256")]
    public string? LfsSha256 { get; set; }

    [JsonPropertyName("lfs_size")]
    public long? LfsSize { get; set; }

    [JsonPropertyName("xet_hash")]
    public string? XetHash { get; set; }
}
