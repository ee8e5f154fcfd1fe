using System.Text.Json.Serialization;

namespace HuggingFace.Hub.Client;

/// <summary>The file <c>trees/{commit}.json</c>, format version 1 (huggingface_hub, <c>_tree_cache.py</c>).</summary>
internal sealed class TreeJson
{
    [JsonPropertyName("format_version")]
    public int FormatVersion { get; set; }

    [JsonPropertyName("files")]
    public SortedDictionary<string, TreeFileJson?>? Files { get; set; }
}
