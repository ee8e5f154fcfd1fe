namespace HuggingFace.Hub.Client;

/// <summary>Chooses among the files of a repository.</summary>
internal interface IFileSelector
{
    /// <summary>The paths that are wanted, in ordinal order.</summary>
    /// <param name="paths">All paths, already checked.</param>
    /// <param name="read">Reads a small file, such as an index of shards.</param>
    /// <param name="context">What the choice is about, for errors.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    Task<IReadOnlyList<string>> SelectAsync(
        IReadOnlyList<string> paths, Func<string, CancellationToken, Task<byte[]>> read, HubErrorContext context,
        CancellationToken cancellationToken);
}
