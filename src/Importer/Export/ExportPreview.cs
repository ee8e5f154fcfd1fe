using Importer.Mapping;

namespace Importer.Export;

/// <summary>What an export would do.</summary>
/// <param name="Source">The directory that would be read.</param>
/// <param name="Target">The directory that would be made.</param>
/// <param name="Format">The layout.</param>
/// <param name="Files">The names of the files that it would hold.</param>
/// <param name="Plan">Every tensor: what it is made of, what happens to it, under which key it is written.</param>
/// <param name="Parameters">The number of parameters, a tied head counted once.</param>
/// <param name="Notes">What the layout cannot express, what is added, what can be lost: one sentence each.</param>
/// <param name="WorkingBytes">
/// Bytes of the buffers that the export holds at most, beside what the process takes anyway: the largest tensor that is rearranged, and
/// the blocks in which tensors are read, converted and written.
/// </param>
public sealed record ExportPreview(
    string Source, string Target, ExportFormat Format, IReadOnlyList<string> Files, ExportPlan Plan, long Parameters, IReadOnlyList<string> Notes,
    long WorkingBytes)
{
    /// <summary>Bytes of all tensors that would be written; those of an optimizer that goes along are not in the plan.</summary>
    public required long BytesToWrite { get; init; }
}
