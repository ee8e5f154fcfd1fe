using CheckpointStorage.IO;

namespace CheckpointStorage.Retention;

/// <summary>Removes what no rule keeps, after a new checkpoint is safe.</summary>
internal static class Rotator
{
    /// <returns>The ids that are gone.</returns>
    public static string[] Rotate(StoreDirectory directory, CheckpointInfo saved)
    {
        // Where a pointer could not be updated, it goes on naming something that exists.
        string?[] pointedTo = [directory.ReadPointer(StoreNames.Latest), directory.ReadPointer(StoreNames.Best)];
        CheckpointInfo[] removable =
        [
            .. RetentionPlan.Removable(directory.Scan(), saved, directory.Options.Retention, directory.Options.MetricOrder)
                .Where(info => !pointedTo.Contains(info.Id)),
        ];
        string[] quarantined = [.. directory.ScanQuarantine().Skip(directory.Options.KeepQuarantined)];
        directory.Discard([.. removable.Select(info => info.Directory), .. quarantined.Select(directory.At)]);
        foreach (string id in removable.Select(info => info.Id).Concat(quarantined))
        {
            Log.Rotated(directory.Logger, id);
        }

        return [.. removable.Select(info => info.Id)];
    }
}
