namespace HuggingFace.Hub.Client;

/// <summary>What kind of trouble a <see cref="HubException"/> is; a command line maps it to an exit code.</summary>
public enum HubErrorCategory
{
    /// <summary>This machine: the cache directory, the disk, a setting.</summary>
    Local,

    /// <summary>The repository, revision or file is not there, or the caller may not have it.</summary>
    NotFoundOrNotPermitted,

    /// <summary>The hub could not be reached, did not answer, refused for now, or must not be asked (offline mode).</summary>
    Network,

    /// <summary>What the hub or the disk holds is not what was announced, or cannot be trusted.</summary>
    Integrity,
}
