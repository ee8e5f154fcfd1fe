namespace SafeTensorSharp;

/// <summary>A tensor of a sharded set, and the file that holds it.</summary>
/// <param name="Shard">The file.</param>
/// <param name="Info">The tensor as that file's header announces it.</param>
public sealed record SafeTensorSetTensor(SafeTensorShard Shard, SafeTensorInfo Info);
