using Polly;
using Polly.Retry;

namespace HuggingFace.Hub.Client;

/// <summary>Runs requests again after passing failures: exponential waits with jitter, or what the server asked for.</summary>
internal sealed class RetryRunner
{
    /// <summary>Tries once.</summary>
    public static readonly RetryRunner None = new(ResiliencePipeline.Empty);

    private readonly ResiliencePipeline _pipeline;

    public RetryRunner(HubSettings settings)
    {
        HubClientOptions options = settings.Options;
        if (options.MaxRetries == 0)
        {
            _pipeline = ResiliencePipeline.Empty;
            return;
        }

        _pipeline = new ResiliencePipelineBuilder { TimeProvider = settings.Time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = options.MaxRetryDelay,
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Exception is HubException { IsTransient: true }),
                // "Retry-After: 0" asks for no wait; all tries at once would still be none that help.
                DelayGenerator = static arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is HubException { RetryDelay: { Ticks: > 0 } asked } ? asked : (TimeSpan?)null),
                OnRetry = arguments =>
                {
                    string problem = arguments.Outcome.Exception?.Message ?? "";
                    Log.Retrying(settings.Logger, arguments.AttemptNumber + 1, arguments.RetryDelay.TotalSeconds, problem);
                    return default;
                },
            })
            .Build();
    }

    private RetryRunner(ResiliencePipeline pipeline) => _pipeline = pipeline;

    public ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken) =>
        _pipeline.ExecuteAsync(action, cancellationToken);

    public ValueTask RunAsync(Func<CancellationToken, ValueTask> action, CancellationToken cancellationToken) =>
        _pipeline.ExecuteAsync(action, cancellationToken);
}
