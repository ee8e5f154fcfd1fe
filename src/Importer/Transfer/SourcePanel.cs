using Importer.Mapping;
using Importer.Mapping.Operations;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Transfer;

/// <summary>A piece of a row that is read in one go: a run of bytes of one source tensor, and where its elements belong.</summary>
/// <param name="Row">The row.</param>
/// <param name="Copy">The piece.</param>
internal sealed record SourcePanel(PlanRow Row, StridedCopy Copy)
{
    // Large enough for a read to cost nothing beside its bytes, small enough to stay in a second-level cache.
    private const int PanelBytes = 1 << 21;

    // Runs that go straight to their place need no cache.
    private const int RunBytes = 4 * PanelBytes;

    // Whole cache lines of the target, so that no two panels write to the same one.
    private const int LineBytes = 64;

    // From here on it is cheaper to read runs one by one than to read what lies between them.
    private const int SeparateBytes = 1 << 16;

    /// <summary>Bytes of an element in the source.</summary>
    public int SourceSize { get; } = ElementSize(Copy.Source.DType);

    /// <summary>Bytes of an element in the target.</summary>
    public int TargetSize { get; } = ElementSize(Row.DType);

    /// <summary>Whether the elements are converted on their way.</summary>
    public bool IsCast => Copy.Source.DType != Row.DType;

    /// <summary>Elements to read, those between the wanted ones included.</summary>
    public long Span { get; } = Copy.SourceSpan;

    /// <summary>Bytes to read.</summary>
    public long SpanBytes => Span * SourceSize;

    /// <summary>Bytes of the source that the panel is there for; those of all panels of a row are its <see cref="PlanRow.BytesToRead"/>.</summary>
    public long WantedBytes => Copy.Elements * SourceSize;

    /// <summary>Cuts a row into panels, each source in order.</summary>
    /// <param name="row">The row.</param>
    /// <param name="rows">How many rows of the target's first dimension are wanted; null for all.</param>
    public static IEnumerable<SourcePanel> Cut(PlanRow row, long? rows = null)
    {
        IEnumerable<StridedCopy> copies = row.Copies;
        if (rows is { } limit && row.Shape.Count > 0 && limit < row.Shape[0])
        {
            long elements = row.Shape.Skip(1).Aggregate(limit, (product, size) => product * size);
            copies = copies.Select(copy => copy.Within(elements)).OfType<StridedCopy>();
        }

        return copies.Where(copy => copy.Elements > 0).SelectMany(copy => Cut(row, copy)).Select(copy => new SourcePanel(row, copy));
    }

    /// <summary>Reads the panel as it is in the file.</summary>
    /// <param name="source">Where its tensor is.</param>
    /// <param name="destination">Exactly <see cref="SpanBytes"/>.</param>
    public void Read(TensorSource source, Span<byte> destination) => source.Read(Copy.Source, Copy.SourceOffset * SourceSize, destination);

    private static IEnumerable<StridedCopy> Cut(PlanRow row, StridedCopy copy)
    {
        int size = Math.Max(ElementSize(copy.Source.DType), ElementSize(row.DType));
        long most = (copy.IsContiguous ? RunBytes : PanelBytes) / size;
        long span = copy.SourceSpan;
        bool isSparse = span > 2 * copy.Elements && copy.Part(0, 1) is { } one && one.SourceSpan * size >= SeparateBytes;
        if (span <= most && !isSparse)
        {
            return [copy];
        }

        CopyLoop outer = copy.Loops[0];
        long inner = span - (outer.Size - 1) * outer.SourceStride;
        long count = isSparse || inner > most ? 1 : (most - inner) / outer.SourceStride + 1;
        if (outer.TargetStride == 1 && inner <= most)
        {
            long line = Math.Max(1, LineBytes / ElementSize(row.DType));
            count = Math.Max(line, count / line * line);
        }

        return Parts(row, copy, outer.Size, count);
    }

    private static IEnumerable<StridedCopy> Parts(PlanRow row, StridedCopy copy, long size, long step)
    {
        for (long first = 0; first < size; first += step)
        {
            StridedCopy part = copy.Part(first, Math.Min(step, size - first));
            foreach (StridedCopy piece in step == 1 ? Cut(row, part) : [part])
            {
                yield return piece;
            }
        }
    }

    private static int ElementSize(DType dtype) => DTypes.BitSize(dtype) / 8;
}
