using System.Globalization;

namespace HuggingFace.Hub.Client.Tests;

public sealed class RateLimitTests : HubTest
{
    private readonly InstantTime _time = new();

    [Fact]
    public async Task Exhausted_window_is_waited_out()
    {
        LimitOnce(("RateLimit", "\"resolvers\";r=0;t=1"), ("RateLimit-Policy", "\"fixed window\";\"resolvers\";q=3000;w=300"));

        await DownloadAsync();

        TimeSpan wait = Assert.Single(_time.Waits);
        Assert.InRange(wait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Retry_after_in_seconds_is_honoured()
    {
        LimitOnce(("Retry-After", "2"));

        await DownloadAsync();

        Assert.Equal([TimeSpan.FromSeconds(2)], _time.Waits);
    }

    [Fact]
    public async Task Retry_after_as_a_date_is_honoured_by_the_servers_clock()
    {
        DateTimeOffset now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
        LimitOnce(("Date", now.ToString("r", CultureInfo.InvariantCulture)), (
            "Retry-After", now.AddSeconds(7).ToString("r", CultureInfo.InvariantCulture)));

        await DownloadAsync();

        Assert.Equal([TimeSpan.FromSeconds(7)], _time.Waits);
    }

    [Theory]
    [InlineData("RateLimit", "\"resolvers\";r=99;t=241")]
    [InlineData("RateLimit", "\"resolvers\";r=0")]
    [InlineData("RateLimit", "r=x;t=y")]
    [InlineData("Retry-After", "-5")]
    [InlineData("Retry-After", "abc")]
    [InlineData("Retry-After", "")]
    public async Task Other_words_do_not_set_the_wait(string header, string value)
    {
        LimitOnce((header, value));

        await DownloadAsync();

        // None at all when jitter makes it zero.
        Assert.InRange(_time.Waits.Count, 0, 1);
        Assert.All(_time.Waits, wait => Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromMilliseconds(20)));
    }

    [Fact]
    public async Task Wait_of_zero_does_not_use_up_all_tries_at_once()
    {
        Server.Intercept = async (context, _) =>
        {
            context.Response.Headers["Retry-After"] = "0";
            await FakeHubPages.ErrorAsync(context, 429, null, null);
            return true;
        };

        await Assert.ThrowsAsync<HubRateLimitedException>(
            () => Client(setup => (setup.Time, setup.Retries, setup.MaxDelay) = (
                _time, 12, TimeSpan.FromMilliseconds(900))).DownloadFileAsync(Gpt2, "config.json"));

        Assert.Contains(_time.Waits, wait => wait > TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task Longer_wait_than_allowed_fails_at_once_and_says_how_long()
    {
        LimitOnce(("Retry-After", "3000"));

        HubRateLimitedException error = await Assert.ThrowsAsync<HubRateLimitedException>(DownloadAsync);

        Assert.Equal(TimeSpan.FromSeconds(3000), error.RetryAfter);
        Assert.Contains("3000 s", error.Message, StringComparison.Ordinal);
        Assert.Empty(_time.Waits);
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task Absurd_wait_does_not_overflow()
    {
        LimitOnce(("Retry-After", long.MaxValue.ToString(CultureInfo.InvariantCulture)));

        await Assert.ThrowsAsync<HubRateLimitedException>(DownloadAsync);
    }

    [Fact]
    public async Task Wait_of_a_failing_server_is_honoured_too()
    {
        LimitOnce(503, ("Retry-After", "3"));

        await DownloadAsync();

        Assert.Equal([TimeSpan.FromSeconds(3)], _time.Waits);
    }

    [Fact]
    public async Task Waits_grow_with_jitter_and_stop_at_the_longest()
    {
        Server.Intercept = async (context, _) =>
        {
            await FakeHubPages.ErrorAsync(context, 503, null, null);
            return true;
        };

        await Assert.ThrowsAsync<HubNetworkException>(
            () => Client(setup => (setup.Time, setup.Retries, setup.MaxDelay) = (
                _time, 12, TimeSpan.FromMilliseconds(900))).DownloadFileAsync(Gpt2, "config.json"));

        // A wait that jitter makes zero asks for no timer.
        Assert.Equal(13, Server.Requests.Count);
        Assert.InRange(_time.Waits.Count, 6, 12);
        Assert.All(_time.Waits, wait => Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromMilliseconds(900)));
        Assert.True(_time.Waits.Distinct().Count() > 4);

        // Two clients that failed together do not come back together.
        var other = new InstantTime();
        await Assert.ThrowsAsync<HubNetworkException>(
            () => Client(setup => (setup.Time, setup.Retries, setup.MaxDelay) = (
                other, 12, TimeSpan.FromMilliseconds(900))).DownloadFileAsync(Gpt2, "config.json"));
        Assert.NotEqual(_time.Waits, other.Waits);
        Assert.Contains(_time.Waits, wait => wait > TimeSpan.FromMilliseconds(100));
    }

    private Task<HubFile> DownloadAsync() => Client(setup => setup.Time = _time).DownloadFileAsync(Gpt2, "config.json");

    private void LimitOnce(params (string Name, string Value)[] headers) => LimitOnce(429, headers);

    private void LimitOnce(int status, params (string Name, string Value)[] headers)
    {
        int left = 1;
        Server.Intercept = async (context, _) =>
        {
            if (Interlocked.Decrement(ref left) < 0)
            {
                return false;
            }

            foreach ((string name, string value) in headers)
            {
                context.Response.Headers[name] = value;
            }

            await FakeHubPages.ErrorAsync(context, status, null, null);
            return true;
        };
    }
}
