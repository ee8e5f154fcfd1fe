using System.Runtime.CompilerServices;
using Importer.Mapping.Operations;

namespace Importer.Transfer;

/// <summary>Carries out a <see cref="StridedCopy"/> in memory: by runs where the innermost loop is one, else by transposed tiles.</summary>
internal static unsafe class StridedScatter
{
    /// <summary>Copies the elements.</summary>
    /// <param name="source">The first element to be read.</param>
    /// <param name="loops">The loops, as <see cref="StridedCopy.Loops"/> orders them.</param>
    /// <param name="target">Where the first element goes; must not overlap the source.</param>
    /// <param name="elementSize">Bytes of an element: 1, 2, 4, 8 or 16.</param>
    /// <param name="streaming">Whether what is transposed goes around the caches; see <see cref="BlockedTranspose"/>.</param>
    public static void Copy(byte* source, IReadOnlyList<CopyLoop> loops, byte* target, int elementSize, bool streaming = false)
    {
        if (loops.Count == 0)
        {
            Unsafe.CopyBlockUnaligned(target, source, (uint)elementSize);
            return;
        }

        CopyLoop run = loops[^1];
        if (run is { SourceStride: 1, TargetStride: 1 })
        {
            long bytes = run.Size * elementSize;
            Walk(source, [.. loops.SkipLast(1)], target, elementSize, (from, to) => Buffer.MemoryCopy((void*)from, (void*)to, bytes, bytes));
            return;
        }

        // The loop that runs along the target, with the one that runs along the source, is a matrix to be transposed.
        int along = loops.ToList().FindIndex(loop => loop.TargetStride == 1);
        CopyLoop columns = run, rows = along >= 0 && along < loops.Count - 1 ? loops[along] : new CopyLoop(1, 1, 1);
        if (columns.SourceStride == 1)
        {
            CopyLoop[] outer = [.. loops.Where((_, i) => i != along && i != loops.Count - 1)];
            Walk(source, outer, target, elementSize, (from, to) => BlockedTranspose.Transpose(
                (byte*)from, (nint)(rows.SourceStride * elementSize), rows.Size, columns.Size,
                (byte*)to, (nint)(columns.TargetStride * elementSize), elementSize, streaming));
            return;
        }

        Walk(source, [.. loops], target, elementSize, (from, to) => Unsafe.CopyBlockUnaligned((void*)to, (void*)from, (uint)elementSize));
    }

    private static void Walk(byte* source, CopyLoop[] loops, byte* target, int elementSize, Action<nint, nint> step)
    {
        Span<long> at = stackalloc long[loops.Length];
        while (true)
        {
            step((nint)source, (nint)target);
            int loop = loops.Length - 1;
            for (; loop >= 0; loop--)
            {
                source += (nint)(loops[loop].SourceStride * elementSize);
                target += (nint)(loops[loop].TargetStride * elementSize);
                if (++at[loop] < loops[loop].Size)
                {
                    break;
                }

                source -= (nint)(loops[loop].Size * loops[loop].SourceStride * elementSize);
                target -= (nint)(loops[loop].Size * loops[loop].TargetStride * elementSize);
                at[loop] = 0;
            }

            if (loop < 0)
            {
                return;
            }
        }
    }
}
