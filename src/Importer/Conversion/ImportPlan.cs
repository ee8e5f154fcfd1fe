using Importer.Mapping;
using Importer.Transfer;

namespace Importer.Conversion;

/// <summary>What an import would do.</summary>
/// <param name="Source">The directory that would be read.</param>
/// <param name="Files">Its weights files.</param>
/// <param name="Target">The directory that would be made.</param>
/// <param name="HeaderBytes">Bytes that were read to know this: headers, and no tensor data.</param>
/// <param name="Plan">Every tensor: where it comes from, what happens to it, where it goes.</param>
public sealed record ImportPlan(string Source, IReadOnlyList<string> Files, string Target, long HeaderBytes, LoadPlan Plan)
{
    /// <summary>
    /// Bytes of the buffers that the import holds at most, beside what the process takes anyway: the largest tensor that is
    /// rearranged, and the blocks in which tensors are read, converted and written.
    /// </summary>
    public long WorkingBytes => RowStream.PeakBytes(Plan) + ImportWriter.BufferBytes;
}
