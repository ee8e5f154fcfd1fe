namespace HuggingFace.Hub.Client;

/// <summary>A file that an interrupted download left, of this library or another.</summary>
/// <param name="FilePath">The file.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="LastModified">When it last grew.</param>
public sealed record HubPartial(string FilePath, long Size, DateTimeOffset LastModified);
