using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CheckpointStorage;

/// <summary>How a store keeps its checkpoints.</summary>
public sealed record CheckpointStoreOptions
{
    /// <summary>Which checkpoints stay. <value>The default is the last two and the best one.</value></summary>
    public RetentionPolicy Retention { get; init; } = new();

    /// <summary>Which metric is better. <value>The default is <see cref="MetricOrder.LowerIsBetter"/>, for losses.</value></summary>
    public MetricOrder MetricOrder { get; init; } = MetricOrder.LowerIsBetter;

    /// <summary>The newest backups that stay, at least 1. <value>The default is 2.</value></summary>
    public int KeepBackups { get; init; } = 2;

    /// <summary>
    /// The newest damaged checkpoints that stay in quarantine when a new checkpoint has been saved, at least 0. <value>The default is 2.</value>
    /// </summary>
    public int KeepQuarantined { get; init; } = 2;

    /// <summary>How backups are made. <value>The default is <see cref="BackupMode.Copy"/>.</value></summary>
    public BackupMode BackupMode { get; init; } = BackupMode.Copy;

    /// <summary>What <see cref="CheckpointStore.CheckDiskSpace"/> does when there is too little. <value>The default is <see cref="DiskCheck.Error"/>.</value></summary>
    public DiskCheck DiskCheck { get; init; } = DiskCheck.Error;

    /// <summary>
    /// A check of the caller's own on a checkpoint that was just saved, after its hashes proved right: it opens the files and throws
    /// whatever it likes to refuse the checkpoint. <value>The default, null: none.</value>
    /// </summary>
    public Func<CheckpointInfo, CancellationToken, Task>? Verifier { get; init; }

    /// <summary>Told of what is cleaned, quarantined and passed over. <value>The default is nobody.</value></summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>The clock. <value>The default is the system's.</value></summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal CheckpointStoreOptions Validate()
    {
        ArgumentNullException.ThrowIfNull(Retention);
        ArgumentNullException.ThrowIfNull(Logger);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        Retention.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(KeepBackups, 1, nameof(KeepBackups));
        ArgumentOutOfRangeException.ThrowIfNegative(KeepQuarantined, nameof(KeepQuarantined));
        return this;
    }
}
