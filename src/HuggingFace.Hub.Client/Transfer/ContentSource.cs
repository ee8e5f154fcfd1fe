using System.Net;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Opens ranges of one file. Knows where the bytes are (the hub itself, or a CDN's signed URL, which it asks for anew when it has expired),
/// and that every answer belongs to the pinned content. Safe for several workers at once.
/// </summary>
internal sealed class ContentSource : IDisposable
{
    private readonly RemoteContent _content;
    private readonly HubSettings _settings;
    private readonly HubTransport _transport;
    private readonly Uri _hubUrl;
    private readonly SemaphoreSlim _resolving = new(1, 1);
    private Place? _place;
    private long _delivered;
    private long _deliveredAtRenewal = -1;

    public ContentSource(RemoteContent content, HubSettings settings, HubTransport transport, HubUrls urls)
    {
        _content = content;
        _settings = settings;
        _transport = transport;
        _hubUrl = urls.File(content.Repo, content.Commit, content.Path);
        _place = content.Location is { } location ? new Place(location) : null;
    }

    /// <summary>Notes bytes that arrived, which earns the right to ask for another URL when this one expires.</summary>
    public void Delivered(int count) => Interlocked.Add(ref _delivered, count);

    /// <summary>Opens the bytes [start, end) of the file, or all of it when start is null.</summary>
    /// <exception cref="HubException">No usable answer came.</exception>
    public async Task<RangeBody> OpenAsync(long? start, long? end, CancellationToken cancellationToken)
    {
        while (true)
        {
            Place place = Volatile.Read(ref _place) ?? await ResolveAsync(null, cancellationToken).ConfigureAwait(false);
            RedirectMode mode = place.Url is null ? RedirectMode.StopAtForeign : RedirectMode.Any;
            var request = new HubRequest(HttpMethod.Get, place.Url ?? _hubUrl, mode, _content.Context, _settings.DownloadTimeout)
            {
                RangeStart = start,
                RangeEnd = end,
            };
            HubResponse response = await _transport.SendAsync(request, cancellationToken).ConfigureAwait(false);
            try
            {
                if (response.ForeignTarget is { } target)
                {
                    // The hub served the file itself before and sends us elsewhere now.
                    CheckPinned(response);
                    Volatile.Write(ref _place, new Place(target));
                    response.Dispose();
                    continue;
                }

                if (place.Url is not null && IsExpired(response.Status))
                {
                    response.Dispose();
                    await ResolveAsync(place, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                return await AcceptAsync(request, response, place, start, end, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
    }

    public void Dispose() => _resolving.Dispose();

    private static bool IsExpired(HttpStatusCode status) =>
        status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Gone;

    private async Task<RangeBody> AcceptAsync(
        HubRequest request, HubResponse response, Place place, long? start, long? end, CancellationToken cancellationToken)
    {
        HubErrorContext context = _transport.Errors.Describe(_content.Context, response);
        if (response.Status == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            throw new HubResponseException(context, $"{context.Url} has no bytes from {start} on.") { RangeIsTheTrouble = true };
        }

        if (!response.IsSuccess)
        {
            throw await _transport.Errors.ToExceptionAsync(request, response, cancellationToken).ConfigureAwait(false);
        }

        if (response.IsHub)
        {
            CheckPinned(response);
        }
        else
        {
            CheckSameObject(response, place, context);
        }

        (long from, long? to, long? total) = RangeAnswer.Check(response, context, start, end, _content.Size);
        BodyReader reader = await BodyReader.OpenAsync(response, context, _settings, cancellationToken).ConfigureAwait(false);
        return new RangeBody(response, reader, context, from, to, total, response.Status == HttpStatusCode.OK);
    }

    /// <summary>Asks the hub where the bytes are, once for all workers that hold the same stale answer.</summary>
    private async Task<Place> ResolveAsync(Place? stale, CancellationToken cancellationToken)
    {
        await _resolving.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Volatile.Read(ref _place) is { } current && !ReferenceEquals(current, stale))
            {
                return current;
            }

            if (stale is null)
            {
                // The hub's answer to the first GET tells; a file that it serves itself needs no further request.
                return Remember(new Place(null));
            }

            long delivered = Interlocked.Read(ref _delivered);
            if (delivered == Interlocked.Exchange(ref _deliveredAtRenewal, delivered))
            {
                Volatile.Write(ref _place, null);
                throw new HubNetworkException(
                    _content.Context with { Url = Redaction.Url(stale.Url!) },
                    $"{Redaction.Url(stale.Url!)} refuses a download URL that the hub has only just made.");
            }

            Log.UrlExpired(_settings.Logger, _content.Path);
            return Remember(await RenewAsync(cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            _resolving.Release();
        }
    }

    private async Task<Place> RenewAsync(CancellationToken cancellationToken)
    {
        var request = new HubRequest(HttpMethod.Head, _hubUrl, RedirectMode.StopAtForeign, _content.Context, _settings.MetadataTimeout);
        using HubResponse response = await _transport.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccess && response.ForeignTarget is null)
        {
            throw await _transport.Errors.ToExceptionAsync(request, response, cancellationToken).ConfigureAwait(false);
        }

        CheckPinned(response);
        return new Place(response.ForeignTarget);
    }

    /// <summary>Whether the hub still speaks of the same content; what it does not mention, it does not contradict.</summary>
    private void CheckPinned(HubResponse response)
    {
        HubErrorContext context = _transport.Errors.Describe(_content.Context, response);
        if (ContentHash.FromETag(response.Headers.LinkedETag) is { } hash && hash != _content.Hash)
        {
            throw new HubIntegrityException(context, "hash announced by the hub", _content.Hash.Hex, hash.Hex);
        }

        if (response.Headers.Commit is { } commit && commit != _content.Commit)
        {
            throw new HubIntegrityException(context, "commit", _content.Commit, $"'{Redaction.Scrub(commit, _settings.Token)}'");
        }

        if (response.Headers.LinkedSizeValue is { } size && _content.Size is { } known && size != known)
        {
            throw new HubIntegrityException(context, "size announced by the hub", $"{known} bytes", $"{size} bytes");
        }
    }

    /// <summary>All ranges from one URL must be of one object: the CDN's ETag is no content hash, but it must not change.</summary>
    private void CheckSameObject(HubResponse response, Place place, HubErrorContext context)
    {
        string? etag = HubHeaders.Find(response.Message, "ETag");
        if (etag is null || etag.StartsWith("W/", StringComparison.Ordinal))
        {
            return;
        }

        if (!place.Agrees(etag))
        {
            // Ask the hub again at the next try; the hash of the whole decides in the end.
            Interlocked.CompareExchange(ref _place, null, place);
            throw new HubNetworkException(context, $"{context.Url} has changed while it was being downloaded.");
        }
    }

    private Place Remember(Place place)
    {
        Volatile.Write(ref _place, place);
        return place;
    }

    /// <summary>Where the bytes are: a signed URL, or the hub itself when null.</summary>
    private sealed class Place(Uri? url)
    {
        private string? _etag;

        public Uri? Url { get; } = url;

        /// <summary>Whether an ETag is the first one seen here, or equal to it.</summary>
        public bool Agrees(string etag) => (Interlocked.CompareExchange(ref _etag, etag, null) ?? etag) == etag;
    }
}
