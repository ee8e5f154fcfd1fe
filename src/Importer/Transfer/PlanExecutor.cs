using System.Runtime.InteropServices;
using Importer.Mapping;
using Importer.Sources;

namespace Importer.Transfer;

/// <summary>
/// Carries out a plan: every tensor is read once, in the order of the file, converted and rearranged on the way, and
/// lands in the memory that is already its own. Several workers take turns; each needs two panels of scratch.
/// </summary>
internal static unsafe class PlanExecutor
{
    // More readers than this compete for the memory bus and gain nothing.
    private const int MaxWorkers = 4;

    /// <summary>Fills every target.</summary>
    /// <param name="rows">The rows, in the order in which to read them.</param>
    /// <param name="source">Where the rows' tensors are.</param>
    /// <param name="target">The memory of each row; called once per row, from one thread.</param>
    /// <param name="progress">Told of source bytes as they are done; may be called from several threads.</param>
    /// <param name="cancellationToken">Stops between panels.</param>
    /// <exception cref="IOException">A file was cut or cannot be read.</exception>
    public static void Execute(
        IEnumerable<PlanRow> rows, TensorSource source, Func<PlanRow, TransferTarget> target, Action<long>? progress,
        CancellationToken cancellationToken)
    {
        List<(SourcePanel Panel, nint Address)> panels = [];
        foreach (PlanRow row in rows)
        {
            TransferTarget memory = target(row);
            if (row.IsPadded)
            {
                Clear(memory, row);
            }

            panels.AddRange(SourcePanel.Cut(row, memory.Rows).Select(panel => (panel, memory.Address)));
        }

        if (panels.Count == 0)
        {
            return;
        }

        int next = -1;
        var options = new ParallelOptions { CancellationToken = cancellationToken };
        int workers = Workers(panels.Count);
        try
        {
            Parallel.For(0, workers, options, (_, loop) =>
            {
                using PanelCarrier carrier = new(streaming: true);
                try
                {
                    for (int i; !loop.IsStopped && (i = Interlocked.Increment(ref next)) < panels.Count;)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        carrier.Carry(panels[i].Panel, source, panels[i].Address);
                        progress?.Invoke(panels[i].Panel.WantedBytes);
                    }
                }
                catch
                {
                    loop.Stop();
                    throw;
                }
            });
        }
        catch (AggregateException e)
        {
            // Workers fail for the same reason at about the same time; the first reason is the one to tell.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private static int Workers(int panels) => Math.Clamp(Math.Min(Environment.ProcessorCount, panels), 1, MaxWorkers);

    private static void Clear(TransferTarget memory, PlanRow row)
    {
        long bytes = memory.Rows is { } rows && row.Shape.Count > 0 ? row.ByteCount / row.Shape[0] * rows : row.ByteCount;
        NativeMemory.Clear((void*)memory.Address, (nuint)bytes);
    }
}
