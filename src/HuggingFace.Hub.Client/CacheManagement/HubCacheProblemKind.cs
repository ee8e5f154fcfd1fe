namespace HuggingFace.Hub.Client;

/// <summary>What can be wrong with a file in the cache.</summary>
public enum HubCacheProblemKind
{
    /// <summary>Its content is not what its name or listing says.</summary>
    Damaged,

    /// <summary>A snapshot links to it, and it is not there.</summary>
    Missing,

    /// <summary>It could not be read.</summary>
    Unreadable,
}
