using System.Buffers;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Fills a partial of known size: in parallel ranges when it is large and the server serves ranges, else in one stream; every failure costs
/// only what was on its way. Returns the hash of what is on the disk in the end.
/// </summary>
internal sealed class FileTransfer(
    RemoteContent content, PartialFile partial, ContentSource source, ProgressTracker.FileProgress progress, RetryRunner retry,
    HubSettings settings)
{
    // What comes from the network is still in the processor's nearest cache when it is written: with 256 KiB a download over a fast link took
    // twice the processor time.
    private const int BufferSize = 32 * 1024;

    // So much progress earns a stretch a fresh set of retries; less could be a server that feeds one byte per connection.
    private const long ProgressForFreshRetries = 256 * 1024;

    // From one connection to the next: long enough to see what the ones before bring, short beside a large file.
    private static readonly TimeSpan RampInterval = TimeSpan.FromMilliseconds(50);

    private readonly RangeMap _map = partial.Map ?? throw new ArgumentException("The partial has no map.", nameof(partial));

    // An answer with the whole file, to a request for a range: it is used instead of asking again.
    private RangeBody? _whole;

    /// <summary>Downloads what is missing.</summary>
    /// <param name="whole">An answer with the whole file that has been opened already; null for none.</param>
    /// <param name="cancellationToken">Stops it; what is there stays.</param>
    public async Task<string> RunAsync(RangeBody? whole, CancellationToken cancellationToken)
    {
        progress.Restart(_map.Total);
        _whole = whole;
        try
        {
            if (whole is null)
            {
                try
                {
                    return await FetchRangesAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (HubResponseException error) when (error.RangeIsTheTrouble)
                {
                    Log.NoRanges(settings.Logger, content.Path);
                }
            }

            return await FetchWholeAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _whole?.Dispose();
        }
    }

    private async Task<string> FetchRangesAsync(CancellationToken cancellationToken)
    {
        bool parallel = _map.Size > settings.Options.ParallelThreshold;
        var queue = new RangeQueue(_map, byBlock: parallel);
        if (!queue.TryTake(out (long Start, long End) range))
        {
            return await PassAsync(static (_, _) => Task.CompletedTask, cancellationToken).ConfigureAwait(false);
        }

        // One answer before the others are asked for: it tells whether the server serves ranges at all.
        bool everything = range == (0, _map.Size);
        RangeBody first = await retry.RunAsync(
            async token => everything
                ? await source.OpenAsync(null, null, token).ConfigureAwait(false)
                : await OpenAsync(range.Start, range.End, token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        int workers = parallel ? Math.Min(settings.Options.MaxParallelRanges, queue.Count + 1) : 1;
        var ramp = new ConnectionRamp(() => _map.Total, RampInterval, settings.Time);
        return await PassAsync(
            (hasher, pass) => WorkTogether.RunAsync(
                workers,
                async (worker, stop) =>
                {
                    if (worker == 0)
                    {
                        await FetchAsync(range, first, hasher, stop).ConfigureAwait(false);
                    }

                    await ramp.WaitAsync(worker, () => queue.Count > 0, stop).ConfigureAwait(false);
                    while (queue.TryTake(out (long Start, long End) next))
                    {
                        await FetchAsync(next, null, hasher, stop).ConfigureAwait(false);
                    }
                },
                pass),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One stream from the beginning, for servers without ranges; begins anew after each failure.</summary>
    private async Task<string> FetchWholeAsync(CancellationToken cancellationToken) => await retry.RunAsync(
        async token =>
        {
            using RangeBody body = Interlocked.Exchange(ref _whole, null)
                ?? await source.OpenAsync(null, null, token).ConfigureAwait(false);
            _map.Reset();
            progress.Restart(0);
            try
            {
                return await PassAsync((hasher, pass) => CopyAsync(body, 0, _map.Size, hasher, null, pass), token).ConfigureAwait(false);
            }
            catch (HubResponseException error) when (error.RangeIsTheTrouble)
            {
                // Not the file; nothing of it may be resumed from.
                _map.Reset();
                throw new HubNetworkException(body.Context, error.Message);
            }
        },
        cancellationToken).ConfigureAwait(false);

    /// <summary>Runs a download with the hasher beside it.</summary>
    private async Task<string> PassAsync(Func<PrefixHasher, CancellationToken, Task> download, CancellationToken cancellationToken)
    {
        using var pass = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hasher = new PrefixHasher(partial.Data, _map, content.Hash);
        Task<string> hash = hasher.RunAsync(pass.Token);
        try
        {
            await download(hasher, pass.Token).ConfigureAwait(false);
            hasher.Notify();
            return await hash.ConfigureAwait(false);
        }
        catch
        {
            // The hasher reads the file that the caller is about to close.
            await pass.CancelAsync().ConfigureAwait(false);
            await ((Task)hash).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>Downloads one stretch, over as many connections as it takes.</summary>
    private async Task FetchAsync((long Start, long End) range, RangeBody? opened, PrefixHasher hasher, CancellationToken cancellationToken)
    {
        long position = range.Start;
        RangeBody? ready = opened;
        try
        {
            while (position < range.End)
            {
                long before = position;
                try
                {
                    await retry.RunAsync(
                        async token =>
                        {
                            using RangeBody body = Interlocked.Exchange(ref ready, null)
                                ?? await OpenAsync(position, range.End, token).ConfigureAwait(false);
                            long end = Math.Min(body.End ?? range.End, range.End);
                            await CopyAsync(body, position, end, hasher, reached => position = reached, token).ConfigureAwait(false);
                            if (end < range.End)
                            {
                                throw new HubNetworkException(
                                    body.Context, $"{body.Context.Url} sent {end - body.Start} bytes of a longer range.");
                            }
                        },
                        cancellationToken).ConfigureAwait(false);
                }
                catch (HubException error) when (error.IsTransient && position - before >= ProgressForFreshRetries)
                {
                    // It moved: start counting anew.
                }
            }
        }
        finally
        {
            ready?.Dispose();
        }
    }

    /// <summary>Opens a range; when the whole file comes instead, keeps that answer for <see cref="FetchWholeAsync"/>.</summary>
    private async Task<RangeBody> OpenAsync(long start, long end, CancellationToken cancellationToken)
    {
        // "bytes=n-" for the rest of a file in one stream, as other clients ask.
        bool toTheEnd = end == _map.Size && _map.Size <= settings.Options.ParallelThreshold;
        RangeBody body = await source.OpenAsync(start, toTheEnd ? null : end, cancellationToken).ConfigureAwait(false);
        if (!body.IsWhole)
        {
            return body;
        }

        if (Interlocked.CompareExchange(ref _whole, body, null) is not null)
        {
            body.Dispose();
        }

        throw new HubResponseException(body.Context, $"{body.Context.Url} sent the whole file instead of a part.")
        {
            RangeIsTheTrouble = true,
        };
    }

    /// <summary>Writes a body's bytes to [position, end) and makes sure that there are not more.</summary>
    private async Task CopyAsync(
        RangeBody body, long position, long end, PrefixHasher hasher, Action<long>? moved, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (position < end)
            {
                Memory<byte> free = buffer.AsMemory(0, (int)Math.Min(BufferSize, end - position));
                int count = await body.ReadAsync(free, cancellationToken).ConfigureAwait(false);
                if (count == 0)
                {
                    // Cut bodies end with an exception: this one is complete, and something else than the file (an error page, say).
                    throw new HubResponseException(body.Context, $"{body.Context.Url} ended {end - position} bytes too early.")
                    {
                        RangeIsTheTrouble = true,
                    };
                }

                partial.Write(position, buffer.AsSpan(0, count));
                position += count;
                moved?.Invoke(position);
                source.Delivered(count);
                hasher.Notify();
                progress.Received(count);
            }

            if (await HasMoreAsync(body, buffer.AsMemory(0, 1), cancellationToken).ConfigureAwait(false))
            {
                throw new HubIntegrityException(body.Context, "length", $"{end} bytes", "more") { IsAboutContent = true };
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<bool> HasMoreAsync(RangeBody body, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) != 0;
        }
        catch (HubNetworkException)
        {
            // Broken after the last byte that was wanted: nothing is missing.
            return false;
        }
    }
}
