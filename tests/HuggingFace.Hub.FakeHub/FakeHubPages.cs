using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace HuggingFace.Hub.FakeHub;

/// <summary>What the hub itself answers, in the shapes that the real one has.</summary>
public sealed class FakeHubPages(FakeHubServer server)
{
    private const string CachePrefix = "/api/resolve-cache/models/";

    /// <summary>How many files a page of a listing has.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>What a listing's Link header names instead of the hub's own address.</summary>
    public string? LinkBase { get; set; }

    /// <summary>Changes an entry of a listing before it is sent.</summary>
    public Func<FakeFile, Dictionary<string, object?>, Dictionary<string, object?>>? EditEntry { get; set; }

    /// <summary>Whether small files are answered by a redirect within the hub, as the real one does.</summary>
    public bool UsesResolveCache { get; set; } = true;

    /// <summary>Whether files in LFS are served by the hub itself.</summary>
    public bool ServesLfsItself { get; set; }

    public async Task AnswerAsync(HttpContext context, RecordedRequest request)
    {
        string path = request.Path;
        if (path.StartsWith(CachePrefix, StringComparison.Ordinal))
        {
            await ResolveCacheAsync(context, request, path[CachePrefix.Length..]);
            return;
        }

        if (FindRepo(path, out string alias, out string rest) is not { } repo)
        {
            await ErrorAsync(context, 401, null, "Invalid username or password.");
            return;
        }

        if (alias != repo.Id)
        {
            int at = request.Target.IndexOf(alias, StringComparison.Ordinal);
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = request.Target[..at] + repo.Id + request.Target[(at + alias.Length)..];
            return;
        }

        if (!await CheckAccessAsync(context, repo, path))
        {
            return;
        }

        string[] parts = rest.Split('/', 3, StringSplitOptions.RemoveEmptyEntries);
        string revision = Uri.UnescapeDataString(parts.Length > 1 ? parts[1] : "main");
        if (repo.Resolve(revision) is not { } commit)
        {
            await ErrorAsync(context, 404, "RevisionNotFound", $"Invalid rev id: {revision}");
            return;
        }

        switch (parts[0])
        {
            case "resolve":
                await ResolveAsync(context, request, repo, commit, Uri.UnescapeDataString(parts[2]));
                break;
            case "revision":
                await JsonAsync(context, new Dictionary<string, object?>
                {
                    ["id"] = repo.Id,
                    ["sha"] = commit,
                    ["private"] = repo.Token is not null,
                    ["gated"] = repo.Gated ? "auto" : false
                });
                break;
            case "tree":
                await TreeAsync(context, request, repo, commit);
                break;
            default:
                await ErrorAsync(context, 404, null, "no such page");
                break;
        }
    }

    public static async Task ErrorAsync(HttpContext context, int status, string? code, string? message)
    {
        context.Response.StatusCode = status;
        context.Response.Headers["X-Request-Id"] = "Root=1-fake-request";
        if (code is not null)
        {
            context.Response.Headers["X-Error-Code"] = code;
        }

        if (message is not null)
        {
            context.Response.Headers["X-Error-Message"] = message;
        }

        await context.Response.CompleteAsync();
    }

    private static async Task JsonAsync(HttpContext context, object value)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(value);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes);
    }

    private static async Task<bool> CheckAccessAsync(HttpContext context, FakeRepo repo, string path)
    {
        string? authorization = context.Request.Headers.Authorization;
        if (authorization is "Bearer expired")
        {
            await ErrorAsync(context, 401, null, "Invalid credentials in Authorization header");
        }
        else if (repo.Token is not null && authorization != $"Bearer {repo.Token}")
        {
            await (authorization is null
                ? ErrorAsync(context, 401, null, "Invalid username or password.")
                : ErrorAsync(context, 404, "RepoNotFound", "Repository not found"));
        }
        else if (repo.Disabled)
        {
            await ErrorAsync(context, 403, null, "Access to this resource is disabled.");
        }
        else if (repo.Gated && path.Contains("/resolve/", StringComparison.Ordinal))
        {
            await ErrorAsync(context, authorization is null ? 401 : 403, "GatedRepo", $"Access to model {repo.Id} is restricted.");
        }
        else
        {
            return true;
        }

        return false;
    }

    private FakeRepo? FindRepo(string path, out string alias, out string rest)
    {
        string bare = path.StartsWith("/api/models/", StringComparison.Ordinal) ? path["/api/models/".Length..]
            : path.StartsWith("/api/datasets/", StringComparison.Ordinal) ? "datasets/" + path["/api/datasets/".Length..]
            : path[1..];
        foreach (string id in server.Repos.Keys.Concat(server.Renamed.Keys).OrderByDescending(id => id.Length))
        {
            if (bare.StartsWith(id + "/", StringComparison.Ordinal))
            {
                rest = bare[(id.Length + 1)..];
                FakeRepo repo = server.Repos[server.Renamed.GetValueOrDefault(id, id)];
                alias = server.Renamed.ContainsKey(id) ? id : repo.Id;
                return repo;
            }
        }

        (alias, rest) = ("", "");
        return null;
    }

    private async Task ResolveAsync(HttpContext context, RecordedRequest request, FakeRepo repo, string commit, string path)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers["X-Repo-Commit"] = commit;
        if (repo.Find(commit, path) is not { } file)
        {
            await ErrorAsync(context, 404, "EntryNotFound", "Entry not found");
            return;
        }

        headers["X-Linked-Etag"] = $"\"{file.ETag}\"";
        if (file.IsLfs && !ServesLfsItself)
        {
            headers["X-Linked-Size"] = file.Content.Length.ToString(CultureInfo.InvariantCulture);
            headers["X-Xet-Hash"] = file.XetHash;
            headers.AcceptRanges = "bytes";
            headers.Location = server.Cdn.Sign(file);
            context.Response.StatusCode = 302;
            // The length of the redirect's own text, which is not the file's.
            context.Response.ContentLength = 1008;
            if (request.Method == "GET")
            {
                await context.Response.Body.WriteAsync(new byte[1008]);
            }

            return;
        }

        if (!file.IsLfs && UsesResolveCache)
        {
            context.Response.StatusCode = 307;
            string escaped = string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
            headers.Location = $"{CachePrefix}{repo.Id}/{commit}/{escaped}?{Uri.EscapeDataString($"/{repo.Id}/resolve/main/{path}")}=&etag=%22{file.ETag}%22";
            return;
        }

        headers.ETag = $"\"{file.ETag}\"";
        await FakeCdnPages.SendFileAsync(server, context, request, file.Content);
    }

    private async Task ResolveCacheAsync(HttpContext context, RecordedRequest request, string rest)
    {
        FakeRepo? repo = server.Repos.Values.FirstOrDefault(repo => rest.StartsWith(repo.Id + "/", StringComparison.Ordinal));
        string[] parts = repo is null ? [] : rest[(repo.Id.Length + 1)..].Split('/', 2);
        FakeFile? file = parts.Length == 2 ? repo!.Find(parts[0], Uri.UnescapeDataString(parts[1])) : null;
        if (file is null || !request.Target.Contains("etag=", StringComparison.Ordinal))
        {
            // The real one answers so when the query is dropped.
            await ErrorAsync(context, 404, null, "no etag");
            return;
        }

        if (repo!.Token is not null && context.Request.Headers.Authorization != $"Bearer {repo.Token}")
        {
            await ErrorAsync(context, 401, null, "Invalid username or password.");
            return;
        }

        context.Response.Headers["X-Repo-Commit"] = parts[0];
        context.Response.Headers.ETag = $"\"{file.ETag}\"";
        await FakeCdnPages.SendFileAsync(server, context, request, file.Content);
    }

    private async Task TreeAsync(HttpContext context, RecordedRequest request, FakeRepo repo, string commit)
    {
        int page = context.Request.Query.TryGetValue("cursor", out var cursor) ? int.Parse(cursor!, CultureInfo.InvariantCulture) : 0;
        FakeFile[] files = [.. repo.Commits[commit].Skip(page * PageSize).Take(PageSize)];
        var entries = new List<object>();
        foreach (FakeFile file in files)
        {
            var entry = new Dictionary<string, object?>
            {
                ["type"] = "file",
                ["oid"] = file.IsLfs ? file.PointerHash : file.GitHash,
                ["size"] = file.Content.Length,
                ["path"] = file.Path,
            };
            if (file.IsLfs)
            {
                entry["lfs"] = new Dictionary<string,
                    object?>
                { ["oid"] = file.Sha256, ["size"] = file.Content.Length, ["pointerSize"] = 134 };
                entry["xetHash"] = file.XetHash;
            }

            entries.Add(EditEntry is { } edit ? edit(file, entry) : entry);
        }

        if (page == 0)
        {
            entries.Add(new Dictionary<string,
                object?>
            { ["type"] = "directory", ["oid"] = new string('d', 40), ["size"] = 0, ["path"] = "a-directory" });
        }

        if ((page + 1) * PageSize < repo.Commits[commit].Count)
        {
            string root = LinkBase ?? server.HubUrl.AbsoluteUri.TrimEnd('/');
            context.Response.Headers.Link = $"<{root}{request.Path}?recursive=true&expand=false&cursor={page + 1}>; rel=\"next\"";
        }

        await JsonAsync(context, entries);
    }
}
