namespace CheckpointStorage;

/// <summary>Where the time of a save went.</summary>
/// <param name="Write">Making, hashing and writing the files and flushing them to the disk.</param>
/// <param name="Hash">Of that, the longer of the two hashes, which are computed beside the writing.</param>
/// <param name="Flush">Of <paramref name="Write"/>, waiting for the disk.</param>
/// <param name="Publish">Manifest, rename, flush of the directories.</param>
/// <param name="Verify">Reading back and comparing.</param>
/// <param name="Rotate">Pointers and removal of old checkpoints.</param>
/// <param name="Total">From the call to the end, waiting for another save included.</param>
public sealed record CheckpointSaveTimings(
    TimeSpan Write, TimeSpan Hash, TimeSpan Flush, TimeSpan Publish, TimeSpan Verify, TimeSpan Rotate, TimeSpan Total);
