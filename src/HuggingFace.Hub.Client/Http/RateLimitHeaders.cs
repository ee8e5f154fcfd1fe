using System.Globalization;

namespace HuggingFace.Hub.Client;

/// <summary>
/// How long a server asks to wait. <c>RateLimit: "resolvers";r=0;t=120</c> (the hub's form of the IETF draft: r requests left, window ends
/// in t seconds), else <c>Retry-After</c> in seconds or as a date. Nonsense is ignored.
/// </summary>
internal static class RateLimitHeaders
{
    public static TimeSpan? FindWait(HttpResponseMessage message, TimeProvider time)
    {
        if (HubHeaders.Find(message, "RateLimit") is { } limit && ParseExhausted(limit) is { } reset)
        {
            // The window ends within the t-th second; one more is sure to be after it.
            return reset + TimeSpan.FromSeconds(1);
        }

        return HubHeaders.Find(message, "Retry-After") is { } after ? ParseRetryAfter(after, message, time) : null;
    }

    private static TimeSpan? ParseExhausted(string value)
    {
        long? remaining = null, seconds = null;
        foreach (string part in value.Split(';', StringSplitOptions.TrimEntries))
        {
            if (part.StartsWith("r=", StringComparison.Ordinal))
            {
                remaining = ParseCount(part[2..]);
            }
            else if (part.StartsWith("t=", StringComparison.Ordinal))
            {
                seconds = ParseCount(part[2..]);
            }
        }

        return remaining == 0 && seconds is { } wait ? TimeSpan.FromSeconds(wait) : null;
    }

    private static TimeSpan? ParseRetryAfter(string value, HttpResponseMessage message, TimeProvider time)
    {
        if (ParseCount(value.Trim()) is { } seconds)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        if (!DateTimeOffset.TryParseExact(
            value.Trim(), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date))
        {
            return null;
        }

        // Against the server's own clock where it shows it, because this machine's may be wrong.
        TimeSpan wait = date - (message.Headers.Date ?? time.GetUtcNow());
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>A count of at most a year's seconds, so that no TimeSpan overflows.</summary>
    private static long? ParseCount(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? Math.Min(count, 366L * 86400) : null;
}
