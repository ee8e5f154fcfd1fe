namespace CheckpointStorage.Saving;

/// <summary>What is to be saved, as it was when the save was asked for.</summary>
/// <param name="Manifest">The manifest but for its time and its files.</param>
/// <param name="Files">The files to be written.</param>
/// <param name="Pin">Whether rotation is to leave it alone.</param>
internal sealed record ContentSnapshot(Manifest Manifest, IReadOnlyList<CheckpointFile> Files, bool Pin)
{
    public long Step => Manifest.Step;
}
