using SafeTensorSharp;

namespace Importer.Sources;

/// <summary>One tensor as a checkpoint's header announces it; nothing of its data has been read.</summary>
/// <param name="Name">The key in the checkpoint, such as <c>h.0.attn.c_attn.weight</c>.</param>
/// <param name="DType">The element type in the file.</param>
/// <param name="Shape">The dimensions, outermost first; empty for a scalar.</param>
/// <param name="File">The name of the file (the shard) that holds it, relative to the source's directory.</param>
/// <param name="Offset">Where its first byte is in that file; negative, and no other tensor's, when its elements do not lie there in a row.</param>
/// <param name="ByteCount">How many bytes it takes in that file.</param>
public sealed record SourceTensor(string Name, DType DType, IReadOnlyList<long> Shape, string File, long Offset, long ByteCount);
