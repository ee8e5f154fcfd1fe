namespace HuggingFace.Hub.Client.Tests;

public sealed class BodyReaderTests
{
    [Fact]
    public async Task Time_that_the_caller_takes_between_two_reads_is_no_stall()
    {
        var limit = TimeSpan.FromSeconds(1);
        var settings = new HubSettings(new HubClientOptions
        {
            Environment = HubEnvironment.FromDictionary(new Dictionary<string, string>()),
            DownloadTimeout = limit,
        });
        var message = new HttpResponseMessage { Content = new StreamContent(new Endless()) };
        using var response = new HubResponse(message, new Uri("https://hub.example"), true, null, HubHeaders.None, message);
        using BodyReader body = await BodyReader.OpenAsync(response, HubErrorContext.None, settings, CancellationToken.None);
        byte[] buffer = new byte[10];

        Assert.Equal(10, await body.ReadAsync(buffer, CancellationToken.None));
        // A disk that is slow to take the bytes, say.
        await Task.Delay(limit * 1.5);
        Assert.Equal(10, await body.ReadAsync(buffer, CancellationToken.None));
    }

    /// <summary>Has its bytes at once, unless it has been cancelled before.</summary>
    private sealed class Endless : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
