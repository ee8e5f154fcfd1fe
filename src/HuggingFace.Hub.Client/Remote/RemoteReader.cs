namespace HuggingFace.Hub.Client;

/// <summary>Reads ranges of a file on the hub, with retries and renewed URLs, without keeping anything.</summary>
internal sealed class RemoteReader(HubServices services, RemoteContent content) : IDisposable
{
    // A server without ranges sends the file from its beginning; so much of it is read over before that is called an error.
    private const long MostToSkip = 16 << 20;

    private readonly ContentSource _source = new(content, services.Settings, services.Transport, services.Urls);

    /// <summary>Fills the buffer with the bytes from an offset on.</summary>
    public async Task ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            int before = done;
            try
            {
                await services.Retry.RunAsync(
                    async token =>
                    {
                        while (done < buffer.Length)
                        {
                            using RangeBody body = await _source.OpenAsync(offset + done, offset + buffer.Length, token)
                                .ConfigureAwait(false);
                            await SkipAsync(body, offset + done, token).ConfigureAwait(false);
                            done += await FillAsync(body, buffer[done..], token).ConfigureAwait(false);
                            if (done < buffer.Length)
                            {
                                throw new HubNetworkException(
                                    body.Context, $"{body.Context.Url} ended {buffer.Length - done} bytes too early.");
                            }
                        }
                    },
                    cancellationToken).ConfigureAwait(false);
            }
            catch (HubNetworkException) when (done - before >= 64 * 1024)
            {
                // It moved: start counting anew.
            }
        }
    }

    public void Dispose() => _source.Dispose();

    private static async Task SkipAsync(RangeBody body, long offset, CancellationToken cancellationToken)
    {
        if (!body.IsWhole || offset == 0)
        {
            return;
        }

        if (offset > MostToSkip)
        {
            throw new HubResponseException(
                body.Context, $"{body.Context.Url} does not serve ranges, so bytes from {offset} on cannot be read alone.",
                    "Download the file instead.");
        }

        byte[] rubbish = new byte[64 * 1024];
        for (long left = offset; left > 0;)
        {
            int count = await body.ReadAsync(rubbish.AsMemory(0, (int)Math.Min(rubbish.Length, left)), cancellationToken)
                .ConfigureAwait(false);
            left -= count > 0
                ? count
                : throw new HubNetworkException(body.Context, $"{body.Context.Url} ended {left} bytes too early.");
        }
    }

    private async Task<int> FillAsync(RangeBody body, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            int count = await body.ReadAsync(buffer[done..], cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                break;
            }

            done += count;
            _source.Delivered(count);
        }

        return done;
    }
}
