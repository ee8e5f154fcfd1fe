using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HuggingFace.Hub.FakeHub;

/// <summary>A hub and its CDN on two ports of this machine, which record all requests and misbehave when told to.</summary>
public sealed class FakeHubServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly int _cdnPort;
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly ConcurrentDictionary<string, bool> _forgotten = new();
    private int _openBodies;
    private int _mostOpenBodies;

    private FakeHubServer(WebApplication app)
    {
        _app = app;
        string[] addresses = [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
        HubUrl = new Uri(addresses[0]);
        CdnUrl = new Uri(addresses[1]);
        _cdnPort = CdnUrl.Port;
        Hub = new FakeHubPages(this);
        Cdn = new FakeCdnPages(this);
    }

    public Uri HubUrl { get; }

    public Uri CdnUrl { get; }

    public FakeHubPages Hub { get; }

    public FakeCdnPages Cdn { get; }

    public Dictionary<string, FakeRepo> Repos { get; } = new(StringComparer.Ordinal);

    /// <summary>Old ids and those that they now have.</summary>
    public Dictionary<string, string> Renamed { get; } = new(StringComparer.Ordinal);

    /// <summary>Looks at every request first; true when it has answered it.</summary>
    public Func<HttpContext, RecordedRequest, Task<bool>>? Intercept { get; set; }

    /// <summary>Changes the headers of an answer just before it is sent.</summary>
    public Action<HttpContext, RecordedRequest>? EditHeaders { get; set; }

    /// <summary>Called after each piece of content, with the bytes sent so far by all answers.</summary>
    public Func<long, Task>? ContentSent { get; set; }

    /// <summary>Bytes sent in one write.</summary>
    public int PieceSize { get; set; } = 16 * 1024;

    /// <summary>How many bytes a second one body gets at most.</summary>
    public double? BodyRate { get; set; }

    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    public IEnumerable<RecordedRequest> HubRequests => Requests.Where(request => !request.IsCdn);

    public IEnumerable<RecordedRequest> CdnRequests => Requests.Where(request => request.IsCdn);

    public long ContentBytes => Requests.Sum(request => request.ContentBytes);

    /// <summary>The most bodies of the CDN that were open at the same time.</summary>
    public int MostOpenBodies => _mostOpenBodies;

    public static async Task<FakeHubServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        WebApplication app = builder.Build();
        FakeHubServer? server = null;
        app.Run(context => server!.AnswerAsync(context));
        await app.StartAsync();
        server = new FakeHubServer(app);
        return server;
    }

    public FakeRepo Add(string id, params FakeFile[] files)
    {
        var repo = new FakeRepo(id);
        repo.Commit(files);
        Repos[id] = repo;
        return repo;
    }

    public FakeRepo Add(FakeRepo repo)
    {
        Repos[repo.Plural == "models" ? repo.Id : $"{repo.Plural}/{repo.Id}"] = repo;
        return repo;
    }

    public void ForgetRequests() => _requests.Clear();

    /// <summary>
    /// Forgets all requests and also those that the clients of before may have sent and that have not been read yet: a request outlives the
    /// cancelled call that made it.
    /// </summary>
    public void ForgetClients()
    {
        foreach (string? agent in _requests.Select(request => request.Headers.GetValueOrDefault("User-Agent")).Distinct())
        {
            _forgotten.TryAdd(agent ?? "", true);
        }

        _requests.Clear();
    }

    /// <summary>Sends content and counts it; in pieces, so that a client that goes away stops it soon.</summary>
    public async Task SendContentAsync(HttpContext context, RecordedRequest request, ReadOnlyMemory<byte> content)
    {
        long began = Stopwatch.GetTimestamp(), done = 0;
        int open = Interlocked.Increment(ref _openBodies);
        InterlockedMax(ref _mostOpenBodies, open);
        bool isOpen = true;
        try
        {
            while (content.Length > 0)
            {
                int count = Math.Min(PieceSize, content.Length);
                if (count == content.Length)
                {
                    // From the last byte on the client may take the connection for free, before this method gets to its end.
                    isOpen = false;
                    Interlocked.Decrement(ref _openBodies);
                }

                request.Sent(count);
                await context.Response.Body.WriteAsync(content[..count], context.RequestAborted);
                content = content[count..];
                done += count;
                if (BodyRate is { } rate && TimeSpan.FromSeconds(done / rate) - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } early)
                {
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                    await Task.Delay(early, context.RequestAborted);
                }

                if (ContentSent is { } sent)
                {
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                    await sent(ContentBytes);
                }
            }
        }
        finally
        {
            if (isOpen)
            {
                Interlocked.Decrement(ref _openBodies);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = Volatile.Read(ref target); seen < value;)
        {
            int before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        bool isCdn = context.Connection.LocalPort == _cdnPort;
        var request = new RecordedRequest
        {
            IsCdn = isCdn,
            Method = context.Request.Method,
            Target = context.Features.Get<IHttpRequestFeature>()!.RawTarget,
            Headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        };
        if (!_forgotten.ContainsKey(request.Headers.GetValueOrDefault("User-Agent") ?? ""))
        {
            _requests.Enqueue(request);
        }

        if (EditHeaders is { } edit)
        {
            context.Response.OnStarting(() =>
            {
                edit(context, request);
                return Task.CompletedTask;
            });
        }

        try
        {
            if (Intercept is not { } intercept || !await intercept(context, request))
            {
                await (isCdn ? Cdn.AnswerAsync(context, request) : Hub.AnswerAsync(context, request));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // The client went away.
        }
        finally
        {
            request.Status = context.Response.StatusCode;
        }
    }
}
