namespace HuggingFace.Hub.Client;

/// <summary>The hub's addresses. A revision is one part (its slashes are encoded), a path keeps its slashes.</summary>
internal sealed class HubUrls(Uri endpoint)
{
    private readonly string _base = endpoint.AbsoluteUri.TrimEnd('/');

    public Uri File(RepoId repo, string revision, string path) =>
        Make($"{repo.UrlPath}/resolve/{Uri.EscapeDataString(revision)}/{EncodePath(path)}");

    public Uri Revision(RepoId repo, string revision) =>
        Make($"api/{repo.Plural}/{repo.Id}/revision/{Uri.EscapeDataString(revision)}");

    public Uri Tree(RepoId repo, string commit) =>
        Make($"api/{repo.Plural}/{repo.Id}/tree/{Uri.EscapeDataString(commit)}?recursive=true&expand=false");

    private static string EncodePath(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    // Taken as it is: .NET would decode some of the escapes again.
    private Uri Make(string relative) =>
        new($"{_base}/{relative}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
}
