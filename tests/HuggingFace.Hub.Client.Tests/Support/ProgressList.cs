using System.Collections.Concurrent;

namespace HuggingFace.Hub.Client.Tests;

/// <summary>Keeps all reports, in order; without a synchronization context, unlike <see cref="Progress{T}"/>.</summary>
public sealed class ProgressList : IProgress<HubProgress>
{
    private readonly ConcurrentQueue<HubProgress> _reports = new();

    public IReadOnlyList<HubProgress> Reports => [.. _reports];

    public Action<HubProgress>? Also { get; set; }

    public void Report(HubProgress value)
    {
        _reports.Enqueue(value);
        Also?.Invoke(value);
    }
}
