namespace HuggingFace.Hub.Client;

/// <summary>Something wrong in the cache.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Repo">In which repository.</param>
/// <param name="FilePath">The file: a blob, or a path in a snapshot.</param>
/// <param name="UsedBy">The paths in snapshots that lead to it.</param>
/// <param name="Expected">The hash that the content must have; null when it is not known.</param>
/// <param name="Actual">The hash that it has; null when it is missing.</param>
public sealed record HubCacheProblem(
    HubCacheProblemKind Kind, RepoId Repo, string FilePath, IReadOnlyList<string> UsedBy, string? Expected, string? Actual);
