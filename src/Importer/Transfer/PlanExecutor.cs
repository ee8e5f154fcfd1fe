using System.Runtime.InteropServices;
using Importer.Mapping;
using Importer.Mapping.Operations;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Transfer;

/// <summary>
/// Carries out a plan: every tensor is read once, in the order of the file, converted and transposed on the way, and
/// lands in the memory that is already its own. Several workers take turns; each needs two blocks of scratch.
/// </summary>
internal static unsafe class PlanExecutor
{
    // Large enough for a read to cost nothing beside its bytes, small enough to stay in a second-level cache.
    private const int BlockBytes = 1 << 21;

    // More readers than this compete for the memory bus and gain nothing.
    private const int MaxWorkers = 4;

    /// <summary>Fills every target.</summary>
    /// <param name="rows">The rows, in the order in which to read them.</param>
    /// <param name="source">Where the rows' tensors are.</param>
    /// <param name="target">The memory of each row; called once per row, from one thread.</param>
    /// <param name="progress">Told of source bytes as they are done; may be called from several threads.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="IOException">A file was cut or cannot be read.</exception>
    public static void Execute(
        IEnumerable<PlanRow> rows, TensorSource source, Func<PlanRow, TransferTarget> target, Action<long>? progress,
        CancellationToken cancellationToken)
    {
        var pieces = rows.SelectMany(row => Cut(row, target(row))).ToArray();
        if (pieces.Length == 0)
        {
            return;
        }

        int next = -1;
        var options = new ParallelOptions { CancellationToken = cancellationToken };
        int workers = Math.Clamp(Math.Min(Environment.ProcessorCount, pieces.Length), 1, MaxWorkers);
        try
        {
            Parallel.For(0, workers, options, (_, loop) =>
            {
                long scratch = pieces.Max(piece => piece.ScratchBytes);
                byte* memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(scratch, 64), 64);
                try
                {
                    for (int i; !loop.IsStopped && (i = Interlocked.Increment(ref next)) < pieces.Length;)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        Carry(pieces[i], source, memory);
                        progress?.Invoke(pieces[i].SourceBytes);
                    }
                }
                catch
                {
                    loop.Stop();
                    throw;
                }
                finally
                {
                    NativeMemory.AlignedFree(memory);
                }
            });
        }
        catch (AggregateException e)
        {
            // Workers fail for the same reason at about the same time; the first reason is the one to tell.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private static IEnumerable<Piece> Cut(PlanRow row, TransferTarget target)
    {
        var shape = row.Source.Shape;
        int inSize = DTypes.BitSize(row.Source.DType) / 8, outSize = DTypes.BitSize(row.DType) / 8;
        if (row.Operation is TransposeOperation)
        {
            long columns = shape[1];
            // Whole cache lines of the destination, so that no two panels write to the same one.
            int line = Math.Max(1, 64 / outSize);
            long panel = Math.Max(line, BlockBytes / Math.Max(1, columns * inSize) / line * line);
            for (long first = 0; first < shape[0] && columns > 0; first += panel)
            {
                yield return new Piece(row, target.Address, first, Math.Min(panel, shape[0] - first), inSize, outSize);
            }
        }
        else
        {
            long perRow = 1;
            for (int i = 1; i < shape.Count; i++)
            {
                perRow *= shape[i];
            }

            long elements = shape.Count == 0 ? 1 : target.Rows * perRow;
            int block = BlockBytes * 4 / Math.Max(inSize, outSize);
            for (long first = 0; first < elements; first += block)
            {
                yield return new Piece(row, target.Address, first, Math.Min(block, elements - first), inSize, outSize);
            }
        }
    }

    private static void Carry(in Piece piece, TensorSource source, byte* scratch)
    {
        var row = piece.Row;
        if (row.Operation is not TransposeOperation)
        {
            byte* destination = (byte*)piece.Target + (nint)piece.First * piece.OutSize;
            if (!row.IsCast)
            {
                source.Read(row.Source, piece.First * piece.InSize, new Span<byte>(destination, checked((int)piece.SourceBytes)));
                return;
            }

            var raw = new Span<byte>(scratch, checked((int)piece.SourceBytes));
            source.Read(row.Source, piece.First * piece.InSize, raw);
            DTypeConverter.Convert(raw, row.Source.DType, new Span<byte>(destination, checked((int)(piece.Count * piece.OutSize))), row.DType);
            return;
        }

        long columns = row.Source.Shape[1];
        var panel = new Span<byte>(scratch, checked((int)piece.SourceBytes));
        source.Read(row.Source, piece.First * columns * piece.InSize, panel);
        byte* matrix = scratch;
        if (row.IsCast)
        {
            matrix = scratch + Align(piece.SourceBytes);
            DTypeConverter.Convert(
                panel, row.Source.DType, new Span<byte>(matrix, checked((int)(piece.Count * columns * piece.OutSize))), row.DType);
        }

        BlockedTranspose.Transpose(
            matrix, (nint)(columns * piece.OutSize), piece.Count, columns,
            (byte*)piece.Target + (nint)piece.First * piece.OutSize, (nint)(row.Source.Shape[0] * piece.OutSize), piece.OutSize);
    }

    private static long Align(long bytes) => (bytes + 63) & ~63L;

    /// <summary>What a worker does in one go: some elements of a tensor, or some rows of one that is transposed.</summary>
    private readonly record struct Piece(PlanRow Row, nint Target, long First, long Count, int InSize, int OutSize)
    {
        private long Elements => Row.Operation is TransposeOperation ? Count * Row.Source.Shape[1] : Count;

        public long SourceBytes => Elements * InSize;

        public long ScratchBytes => Row switch
        {
            { Operation: TransposeOperation } => Align(SourceBytes) + (Row.IsCast ? Elements * OutSize : 0),
            { IsCast: true } => SourceBytes,
            _ => 0,
        };
    }
}
