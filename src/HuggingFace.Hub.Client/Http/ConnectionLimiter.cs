using System.Collections.Concurrent;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Caps the connections to one host. Not SocketsHttpHandler's own cap, because waiting for a connection would count against the timeout of
/// the request, and an injected handler would not have it.
/// </summary>
internal sealed class ConnectionLimiter(int perHost) : IDisposable
{
    private readonly ConcurrentDictionary<Origin, SemaphoreSlim> _hosts = new();

    public async Task<IDisposable> AcquireAsync(Uri url, CancellationToken cancellationToken)
    {
        SemaphoreSlim host = _hosts.GetOrAdd(Origin.Of(url), static (_, count) => new SemaphoreSlim(count, count), perHost);
        await host.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Lease(host);
    }

    public void Dispose()
    {
        foreach (SemaphoreSlim host in _hosts.Values)
        {
            host.Dispose();
        }
    }

    private sealed class Lease(SemaphoreSlim host) : IDisposable
    {
        private SemaphoreSlim? _host = host;

        public void Dispose() => Interlocked.Exchange(ref _host, null)?.Release();
    }
}
