namespace HuggingFace.Hub.Client;

/// <summary>Reads a body with a limit on the wait for each read (not for the whole), and with this library's exceptions.</summary>
internal sealed class BodyReader : IDisposable
{
    private readonly Stream _stream;
    private readonly HubErrorContext _context;
    private readonly TimeSpan _stall;
    private readonly string? _token;
    private CancellationToken _linkedTo;
    private CancellationTokenSource? _timeout;

    private BodyReader(Stream stream, HubErrorContext context, TimeSpan stall, string? token)
    {
        _stream = stream;
        _context = context;
        _stall = stall;
        _token = token;
    }

    /// <summary>Opens a body; a compression that was not asked for is undone.</summary>
    /// <exception cref="HubResponseException">The compression is unknown.</exception>
    public static async Task<BodyReader> OpenAsync(
        HubResponse response, HubErrorContext context, HubSettings settings, CancellationToken cancellationToken)
    {
        Stream raw = await response.Message.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string> encodings = ContentDecoding.Find(response.Message);
        Stream stream = ContentDecoding.Decode(raw, encodings)
            ?? throw new HubResponseException(context,
                $"{context.Url} is encoded as '{Redaction.Scrub(string.Join(", ", encodings), settings.Token)}', which was not asked for.");
        return new BodyReader(stream, context, settings.DownloadTimeout, settings.Token);
    }

    /// <summary>Reads some bytes; 0 at the end.</summary>
    /// <exception cref="HubNetworkException">The connection broke, or nothing came for too long.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        CancellationTokenSource timeout = TimeoutFor(cancellationToken);
        timeout.CancelAfter(_stall);
        try
        {
            int count = await _stream.ReadAsync(buffer, timeout.Token).ConfigureAwait(false);
            timeout.CancelAfter(Timeout.InfiniteTimeSpan);
            return count;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HubNetworkException(_context, $"{_context.Url} sent nothing for {_stall.TotalSeconds:0.###} s.");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw NetworkErrors.Translate(error, _context, proxy: null, _token);
        }
        catch (Exception error) when (error is InvalidDataException or InvalidOperationException)
        {
            // The decompressors' two ways to say that the data is none of theirs (Brotli's is the second).
            throw new HubNetworkException(_context, $"{_context.Url} sent a body whose compression is broken.");
        }
    }

    public void Dispose()
    {
        _timeout?.Dispose();
        _stream.Dispose();
    }

    /// <summary>One source for all reads under the same token; making one for each read would cost more than the read.</summary>
    private CancellationTokenSource TimeoutFor(CancellationToken cancellationToken)
    {
        if (_timeout is null || _linkedTo != cancellationToken)
        {
            _timeout?.Dispose();
            _timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _linkedTo = cancellationToken;
        }

        return _timeout;
    }
}
