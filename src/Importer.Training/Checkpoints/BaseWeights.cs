namespace Importer.Training.Checkpoints;

/// <summary>The pretrained weights that a run began with.</summary>
/// <param name="Source">What the run was told: an id or a directory.</param>
/// <param name="Commit">The commit on the hub; null for a directory.</param>
/// <param name="Sha256">The SHA-256 of the weights file; of several, of their hashes in order.</param>
internal sealed record BaseWeights(string Source, string? Commit, string Sha256);
