using CheckpointStorage.IO;

namespace CheckpointStorage.Retention;

/// <summary>Removes what no rule keeps, after a new checkpoint is safe.</summary>
internal static class Rotator
{
    /// <param name="directory">The store.</param>
    /// <param name="removable">What no rule keeps.</param>
    /// <returns>The ids that are gone.</returns>
    public static string[] Rotate(StoreDirectory directory, IReadOnlyList<CheckpointInfo> removable)
    {
        // Where a pointer could not be updated, it goes on naming something that exists.
        string?[] pointedTo = [directory.ReadPointer(StoreNames.Latest), directory.ReadPointer(StoreNames.Best)];
        CheckpointInfo[] going = [.. removable.Where(info => !pointedTo.Contains(info.Id))];
        string[] quarantined = [.. directory.ScanQuarantine().Skip(directory.Options.KeepQuarantined)];
        string[] gone = [.. directory.DiscardUnpinned([.. going.Select(info => info.Directory)]).Select(path => Path.GetFileName(path)!)];
        directory.Discard([.. quarantined.Select(directory.At)]);
        foreach (string name in gone.Concat(quarantined))
        {
            Log.Rotated(directory.Logger, name);
        }

        return gone;
    }
}
