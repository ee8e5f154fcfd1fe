namespace HuggingFace.Hub.Client;

/// <summary>
/// Brings one file's content to its place: downloads it into a partial, compares the hash of what is on the disk, flushes, renames. Content
/// that proves wrong is thrown away and downloaded once more from the beginning; if it is wrong again, that is an error.
/// </summary>
internal sealed class ContentDownloader(HubSettings settings, HubTransport transport, HubUrls urls, RetryRunner retry)
{
    /// <summary>Downloads and publishes.</summary>
    /// <param name="content">What to download.</param>
    /// <param name="store">Where its partials are.</param>
    /// <param name="destination">Where the finished file is to appear.</param>
    /// <param name="exclusive">Whether a working lock keeps other processes off this file.</param>
    /// <param name="progress">Who is told.</param>
    /// <param name="cancellationToken">Stops it; what has arrived stays.</param>
    /// <returns>The size in bytes.</returns>
    public async Task<long> DownloadAsync(
        RemoteContent content, PartialStore store, string destination, bool exclusive, ProgressTracker.FileProgress progress,
        CancellationToken cancellationToken)
    {
        try
        {
            return await TryAsync(content, store, destination, exclusive, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (HubIntegrityException error) when (error.IsAboutContent)
        {
            Log.Damaged(settings.Logger, content.Path, error.Expected, error.Actual);
        }

        return await TryAsync(content with { Location = null }, store, destination, exclusive, progress, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<long> TryAsync(
        RemoteContent content, PartialStore store, string destination, bool exclusive, ProgressTracker.FileProgress progress,
        CancellationToken cancellationToken)
    {
        using var source = new ContentSource(content, settings, transport, urls);
        RangeBody? whole = null;
        try
        {
            long? size = content.Size;
            if (size is null)
            {
                whole = await retry.RunAsync(
                    async token => await source.OpenAsync(null, null, token).ConfigureAwait(false), cancellationToken)
                        .ConfigureAwait(false);
                size = whole.Total;
                if (size is { } told)
                {
                    progress.SetSize(told);
                    whole = DropIfResumable(whole, store, told);
                }
            }

            PartialFile partial = await store.OpenAsync(size, exclusive, cancellationToken).ConfigureAwait(false);
            using (partial)
            {
                if (partial.Map is { Total: > 0 } map)
                {
                    Log.Resuming(settings.Logger, content.Path, map.Total, map.Size);
                }

                RangeBody? opened = whole;
                whole = null;
                await FillAsync(content, partial, source, opened, progress, cancellationToken).ConfigureAwait(false);
                long length = RandomAccess.GetLength(partial.Data);
                await partial.FinishAsync(cancellationToken).ConfigureAwait(false);
                Publish(partial, destination, length);
                return length;
            }
        }
        finally
        {
            whole?.Dispose();
        }
    }

    private async Task FillAsync(
        RemoteContent content, PartialFile partial, ContentSource source, RangeBody? opened, ProgressTracker.FileProgress progress,
        CancellationToken cancellationToken)
    {
        try
        {
            string actual = partial.Map is null
                ? await new UnsizedTransfer(content, partial, source, progress, retry).RunAsync(opened!, cancellationToken)
                    .ConfigureAwait(false)
                : await new FileTransfer(content, partial, source, progress, retry, settings).RunAsync(
                    opened, cancellationToken).ConfigureAwait(false);
            if (actual != content.Hash.Hex)
            {
                throw new HubIntegrityException(content.Context, content.Hash.IsSha256 ? "SHA-256" : "git hash", content.Hash.Hex, actual)
                {
                    IsAboutContent = true,
                };
            }
        }
        catch (HubIntegrityException error) when (error.IsAboutContent)
        {
            partial.Discard();
            throw;
        }
    }

    private static RangeBody? DropIfResumable(RangeBody whole, PartialStore store, long size)
    {
        if (store.Resumable(size) == 0)
        {
            return whole;
        }

        whole.Dispose();
        return null;
    }

    private void Publish(PartialFile partial, string destination, long length)
    {
        try
        {
            partial.Publish(destination);
        }
        catch (IOException error)
        {
            // Without working locks, another process may have taken the partial for abandoned and published the same content.
            if (!FileProbe.Is(destination, length))
            {
                throw new HubCacheException(destination, error.Message, error);
            }
        }

        Log.Published(settings.Logger, destination, length);
    }
}
