namespace HuggingFace.Hub.Client;

/// <summary>What a HEAD on a file tells: the commit behind the revision, the content's hash, its size, and where the bytes are.</summary>
/// <param name="Commit">The commit, 40 hexadecimal digits.</param>
/// <param name="Hash">What the content must hash to; null when the server named none that can be checked.</param>
/// <param name="Size">The size in bytes; null when the server did not tell.</param>
/// <param name="Location">The CDN's signed address; null when the hub serves the file itself.</param>
/// <param name="XetHash">The file's name in the shared blob store; null when there is none.</param>
internal sealed record FileMetadata(string Commit, ContentHash? Hash, long? Size, Uri? Location, string? XetHash)
{
    /// <summary>Without the signed address.</summary>
    public override string ToString() => $"{Hash} ({Size} bytes) at {Commit}";
}
