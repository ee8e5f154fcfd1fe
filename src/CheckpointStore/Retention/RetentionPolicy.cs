namespace CheckpointStorage;

/// <summary>
/// Which checkpoints stay when a new one has been saved and verified. One that any rule keeps stays. The rules count among
/// checkpoints of the same configuration; those of others, pinned ones and those with an unreadable manifest are never removed.
/// </summary>
public sealed record RetentionPolicy
{
    /// <summary>The newest that stay, at least 1; null keeps all. <value>The default is 2.</value></summary>
    public int? KeepLast { get; init; } = 2;

    /// <summary>Those with the best metric that stay. <value>The default is 1.</value></summary>
    public int KeepBest { get; init; } = 1;

    /// <summary>Those whose step is a multiple of this stay. <value>The default, null: no rule.</value></summary>
    public long? KeepEvery { get; init; }

    /// <summary>Whether a checkpoint stays whatever is saved after it.</summary>
    internal bool KeepsForGood(CheckpointInfo info) => KeepLast is null || info.IsPinned || (KeepEvery is { } every && info.Step % every == 0);

    internal void Validate()
    {
        if (KeepLast is { } last)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(last, 1, nameof(KeepLast));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(KeepBest, nameof(KeepBest));
        if (KeepEvery is { } every)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(every, 1, nameof(KeepEvery));
        }
    }
}
