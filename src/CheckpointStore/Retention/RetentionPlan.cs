namespace CheckpointStorage.Retention;

/// <summary>Applies the rules of a <see cref="RetentionPolicy"/>.</summary>
internal static class RetentionPlan
{
    /// <summary>Checkpoints by metric, best first; a NaN is no metric, and of equals the older is the better.</summary>
    public static IEnumerable<CheckpointInfo> ByMetric(IEnumerable<CheckpointInfo> checkpoints, MetricOrder order)
    {
        CheckpointInfo[] rated = [.. checkpoints.Where(info => info.Metric is { } metric && !double.IsNaN(metric))];
        return rated
            .OrderBy(info => order == MetricOrder.LowerIsBetter ? info.Metric!.Value : -info.Metric!.Value)
            .ThenBy(info => info.Name, CheckpointName.Order);
    }

    /// <summary>What may go, oldest first.</summary>
    /// <param name="newestFirst">All of a store.</param>
    /// <param name="saved">The checkpoint that was saved and verified just now.</param>
    /// <param name="policy">The rules.</param>
    /// <param name="order">Which metric is better.</param>
    public static CheckpointInfo[] Removable(
        IReadOnlyList<CheckpointInfo> newestFirst, CheckpointInfo saved, RetentionPolicy policy, MetricOrder order)
    {
        if (policy.KeepLast is not { } last)
        {
            return [];
        }

        CheckpointInfo[] peers = [.. newestFirst.Where(info => info.Problem is null && info.ConfigurationKey == saved.ConfigurationKey)];
        HashSet<string> kept =
        [
            saved.Id,
            .. peers.Take(last).Select(info => info.Id),
            .. ByMetric(peers, order).Take(policy.KeepBest).Select(info => info.Id),
            .. peers.Where(policy.KeepsForGood).Select(info => info.Id),
        ];
        return [.. peers.Where(info => !kept.Contains(info.Id)).Reverse()];
    }
}
