using System.Runtime.InteropServices;
using Importer.Mapping;
using Importer.Sources;

namespace Importer.Transfer;

/// <summary>
/// Produces the bytes of a plan's rows in the order of their targets, for writing: blocks of a few megabytes where the source is
/// in the same order. A tensor that is rearranged is held once, in the dtype it is written in; nothing else is.
/// </summary>
internal sealed unsafe class RowStream : IDisposable
{
    private readonly TensorSource _source;
    private readonly PanelCarrier _carrier = new();
    private byte* _memory;
    private long _memoryBytes;

    public RowStream(TensorSource source) => _source = source;

    /// <summary>Bytes that it holds between two rows.</summary>
    internal long HeldBytes => _memoryBytes + _carrier.HeldBytes;

    /// <summary>Bytes that writing every row of a plan takes at most.</summary>
    public static long PeakBytes(LoadPlan plan)
    {
        long memory = 0, carrier = 0, workers = 0;
        foreach (PlanRow row in plan.Rows)
        {
            if (IsInOrder(row))
            {
                foreach (SourcePanel panel in SourcePanel.Cut(row))
                {
                    memory = Math.Max(memory, panel.Copy.Elements * panel.TargetSize);
                    carrier = Math.Max(carrier, PanelCarrier.ScratchBytes(panel));
                }
            }
            else
            {
                memory = Math.Max(memory, row.ByteCount);
                workers = Math.Max(workers, PlanExecutor.ScratchBytes(row));
            }
        }

        return memory + carrier + workers;
    }

    /// <summary>Writes the target's bytes of one row, all of them.</summary>
    public void Write(PlanRow row, Stream output, CancellationToken cancellationToken)
    {
        if (IsInOrder(row))
        {
            WriteRuns(row, output, cancellationToken);
            return;
        }

        Reserve(row.ByteCount);
        nint memory = (nint)_memory;
        PlanExecutor.Execute([row], _source, _ => new TransferTarget(memory), null, cancellationToken);
        WriteAll(output, row.ByteCount, cancellationToken);
    }

    /// <summary>Frees the scratch memory.</summary>
    public void Dispose()
    {
        _carrier.Dispose();
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _memoryBytes = 0;
    }

    private static bool IsInOrder(PlanRow row) => !row.IsPadded && row.Copies.All(copy => copy.IsContiguous);

    private void WriteRuns(PlanRow row, Stream output, CancellationToken cancellationToken)
    {
        foreach (SourcePanel panel in SourcePanel.Cut(row).OrderBy(panel => panel.Copy.TargetOffset))
        {
            cancellationToken.ThrowIfCancellationRequested();
            long bytes = panel.Copy.Elements * panel.TargetSize;
            Reserve(bytes);

            // The block takes the place of the part of the target that the panel is.
            _carrier.Carry(panel, _source, (nint)_memory - (nint)(panel.Copy.TargetOffset * panel.TargetSize));
            output.Write(new ReadOnlySpan<byte>(_memory, checked((int)bytes)));
        }
    }

    private void WriteAll(Stream output, long bytes, CancellationToken cancellationToken)
    {
        const int Block = 4 << 20;
        for (long first = 0; first < bytes; first += Block)
        {
            cancellationToken.ThrowIfCancellationRequested();
            output.Write(new ReadOnlySpan<byte>(_memory + (nint)first, (int)Math.Min(Block, bytes - first)));
        }
    }

    private void Reserve(long bytes)
    {
        if (_memoryBytes < bytes)
        {
            NativeMemory.AlignedFree(_memory);
            _memory = null;
            _memoryBytes = 0;
            _memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 64), 64);
            _memoryBytes = bytes;
        }
    }
}
