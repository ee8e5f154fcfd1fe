namespace HuggingFace.Hub.Client;

/// <summary>What is being done with a file.</summary>
public enum HubFileState
{
    /// <summary>Its bytes are arriving.</summary>
    Downloading,

    /// <summary>It was there already; nothing was downloaded.</summary>
    Cached,

    /// <summary>It has been downloaded, verified and published.</summary>
    Completed,
}
