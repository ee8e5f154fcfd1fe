using Importer.Sources;

namespace Importer.Mapping.Operations;

/// <summary>
/// Where the elements of a tensor go, as nested loops over two strided places. Every operation of the language comes to one of
/// these per pair of source and target, so whoever can carry this out can carry out any plan, forwards and backwards.
/// </summary>
internal sealed record StridedCopy
{
    private StridedCopy(SourceTensor source, long sourceOffset, long targetOffset, CopyLoop[] loops)
    {
        Source = source;
        SourceOffset = sourceOffset;
        TargetOffset = targetOffset;
        Loops = loops;
    }

    /// <summary>The tensor that is read.</summary>
    internal SourceTensor Source { get; }

    /// <summary>The first element that is read, counted from the tensor's first.</summary>
    internal long SourceOffset { get; }

    /// <summary>The first element that is written, counted from the target's first.</summary>
    internal long TargetOffset { get; }

    /// <summary>The loops, the one with the widest step in the source outermost; as few as say the same. None for one element.</summary>
    internal IReadOnlyList<CopyLoop> Loops { get; }

    /// <summary>How many elements are copied.</summary>
    internal long Elements => Loops.Aggregate(1L, (product, loop) => product * loop.Size);

    /// <summary>From the first element that is read to the last, with those between them that are not.</summary>
    internal long SourceSpan => Loops.Aggregate(1L, (span, loop) => span + (loop.Size - 1) * loop.SourceStride);

    /// <summary>Whether a run of the source becomes a run of the target.</summary>
    internal bool IsContiguous => Loops is [] or [{ SourceStride: 1, TargetStride: 1 }];

    internal static StridedCopy Of(SourceTensor source, long sourceOffset, long targetOffset, IEnumerable<CopyLoop> loops)
    {
        List<CopyLoop> merged = [];
        foreach (CopyLoop loop in loops.Where(loop => loop.Size != 1).OrderByDescending(loop => loop.SourceStride))
        {
            if (merged.Count > 0 && merged[^1] is var outer
                && outer.SourceStride == loop.Size * loop.SourceStride && outer.TargetStride == loop.Size * loop.TargetStride)
            {
                merged[^1] = new CopyLoop(outer.Size * loop.Size, loop.SourceStride, loop.TargetStride);
            }
            else
            {
                merged.Add(loop);
            }
        }

        return new StridedCopy(source, sourceOffset, targetOffset, [.. merged]);
    }

    /// <summary>Some runs of the outermost loop.</summary>
    /// <param name="first">The first.</param>
    /// <param name="count">How many; all loops below them run in full.</param>
    internal StridedCopy Part(long first, long count)
    {
        CopyLoop outer = Loops[0];
        return new StridedCopy(
            Source,
            SourceOffset + first * outer.SourceStride,
            TargetOffset + first * outer.TargetStride,
            count == 1 ? [.. Loops.Skip(1)] : [outer with { Size = count }, .. Loops.Skip(1)]);
    }

    /// <summary>What of it lands in the first <paramref name="elements"/> of the target; null for nothing.</summary>
    /// <exception cref="InvalidOperationException">The limit cuts through elements that are not moved in one run.</exception>
    internal StridedCopy? Within(long elements)
    {
        long end = TargetOffset + Loops.Aggregate(1L, (span, loop) => span + (loop.Size - 1) * loop.TargetStride);
        return end <= elements ? this
            : TargetOffset >= elements ? null
            : IsContiguous ? Part(0, elements - TargetOffset)
            : throw new InvalidOperationException($"{Source.Name} is rearranged, so it cannot be cropped on its way.");
    }
}
