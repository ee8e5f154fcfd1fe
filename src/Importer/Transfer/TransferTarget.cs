namespace Importer.Transfer;

/// <summary>Where a row of a plan is written: memory that already exists, in the row's final dtype and layout.</summary>
/// <param name="Address">The first byte.</param>
/// <param name="Rows">
/// How many rows of the first dimension are wanted; fewer than the tensor has when it is cropped, for which the row must
/// not be rearranged. Null for all.
/// </param>
internal readonly record struct TransferTarget(nint Address, long? Rows = null);
