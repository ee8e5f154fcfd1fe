namespace HuggingFace.Hub.Client;

/// <summary>Chooses by allow and ignore patterns.</summary>
internal sealed class PatternSelector(IReadOnlyList<string>? allow, IReadOnlyList<string>? ignore) : IFileSelector
{
    public Task<IReadOnlyList<string>> SelectAsync(
        IReadOnlyList<string> paths, Func<string, CancellationToken, Task<byte[]>> read, HubErrorContext context,
        CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. paths.Where(path => PathPattern.Selects(path, allow, ignore))]);
}
