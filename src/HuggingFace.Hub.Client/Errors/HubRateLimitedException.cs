using System.Globalization;

namespace HuggingFace.Hub.Client;

/// <summary>The hub answered 429: too many requests in its time window.</summary>
public sealed class HubRateLimitedException : HubException
{
    internal HubRateLimitedException(HubErrorContext context, TimeSpan? retryAfter, TimeSpan longestWait)
        : base(HubErrorCategory.Network, Describe(context, retryAfter), Advise(retryAfter, longestWait), context)
    {
        RetryAfter = retryAfter;
        AllowsCacheFallback = true;
        RetryDelay = retryAfter;
        IsTransient = retryAfter is null || retryAfter <= longestWait;
    }

    /// <summary>How long the server asks to wait; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; }

    private static string Describe(HubErrorContext context, TimeSpan? wait) =>
        wait is { } time
            ? $"The hub limits the rate of requests ({context.Subject}) and asks to wait {Seconds(time)}."
            : $"The hub limits the rate of requests ({context.Subject}).";

    private static string Advise(TimeSpan? wait, TimeSpan longest) =>
        wait is { } time && time > longest
            ? $"That is longer than the {Seconds(longest)} that are allowed: try again in {Seconds(time)}, or set HF_TOKEN for a higher limit."
            : "Try again later, or set HF_TOKEN for a higher limit.";

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");
}
