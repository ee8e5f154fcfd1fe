namespace Importer.Training;

/// <summary>Where a process stands that draws its own windows, in nanoGPT's way.</summary>
/// <param name="RandomState">The state of torch's generator on the CPU.</param>
/// <param name="PendingOffsets">First tokens of windows that were drawn and not yet learned from.</param>
public sealed record RankState(byte[] RandomState, IReadOnlyList<long> PendingOffsets);
