namespace HuggingFace.Hub.Client;

/// <summary>What a cache holds.</summary>
/// <param name="Directory">The cache's directory.</param>
/// <param name="Repos">The repositories in the order of their folders' names.</param>
/// <param name="Partials">Interrupted downloads, which the next call for the same file resumes.</param>
/// <param name="Warnings">What could not be read or is not as it should be; the rest is reported all the same.</param>
public sealed record HubCacheInfo(
    string Directory, IReadOnlyList<HubCachedRepo> Repos, IReadOnlyList<HubPartial> Partials, IReadOnlyList<string> Warnings)
{
    /// <summary>The bytes that repositories and partials take; a blob shared by several repositories counts in each.</summary>
    public long SizeOnDisk => Repos.Sum(repo => repo.SizeOnDisk) + Partials.Sum(partial => partial.Size);
}
