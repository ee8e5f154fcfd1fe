namespace HuggingFace.Hub.Client;

/// <summary>What all downloads have in common.</summary>
public abstract class HubDownloadOptions
{
    private protected HubDownloadOptions()
    {
    }

    /// <summary>A branch, a tag, or a commit (40 hexadecimal digits; what is cached then needs no request). Default: <c>main</c>.</summary>
    public string? Revision { get; init; }

    /// <summary>
    /// A directory that is to hold the files themselves, under their names in the repository, instead of the cache. Default: the cache.
    /// </summary>
    public string? LocalDirectory { get; init; }

    /// <summary>Whether to download what is there already. Default: false.</summary>
    public bool ForceDownload { get; init; }

    /// <summary>Whether to make no request for this call, as in offline mode. Default: false.</summary>
    public bool LocalFilesOnly { get; init; }
}
