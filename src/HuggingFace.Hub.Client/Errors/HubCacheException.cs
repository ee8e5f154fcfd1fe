namespace HuggingFace.Hub.Client;

/// <summary>The cache or target directory could not be read or written.</summary>
public sealed class HubCacheException : HubException
{
    internal HubCacheException(string file, string problem, Exception? inner)
        : base(
            HubErrorCategory.Local,
            $"Cannot use {file}: {problem}.",
            "Check the permissions, or choose a directory that this user can write (HF_HUB_CACHE for the cache).",
            HubErrorContext.None,
            inner)
    {
        File = file;
    }

    /// <summary>The file or directory.</summary>
    public string File { get; }
}
