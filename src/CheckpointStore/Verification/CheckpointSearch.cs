namespace CheckpointStorage;

/// <summary>What a search for the newest valid checkpoint found.</summary>
/// <param name="Checkpoint">The newest whose every byte is what was saved; null when there are none at all, not even damaged ones.</param>
/// <param name="Damaged">Newer ones that were passed over, newest first.</param>
public sealed record CheckpointSearch(CheckpointInfo? Checkpoint, IReadOnlyList<DamagedCheckpoint> Damaged);
