using System.Buffers;
using System.Runtime.InteropServices;
using Importer.Mapping;
using Importer.Mapping.Operations;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Transfer;

/// <summary>
/// Produces the bytes of a plan's rows in the order of their targets, for writing: blocks of a few megabytes where the source is
/// in the same order. A tensor that is rearranged is held once, in the dtype it is written in; nothing else is.
/// </summary>
internal sealed unsafe class RowStream : IDisposable
{
    private const int BlockBytes = 1 << 20;
    private readonly TensorSource _source;
    private readonly PanelCarrier _carrier = new(streaming: false); // one tensor, hashed and written at once
    private byte* _memory;
    private long _memoryBytes;

    public RowStream(TensorSource source) => _source = source;

    /// <summary>Bytes that it holds between two rows.</summary>
    internal long HeldBytes => _memoryBytes + _carrier.HeldBytes;

    /// <summary>Bytes that writing every row of a plan takes at most.</summary>
    public static long PeakBytes(LoadPlan plan) => PeakBytes(plan.Rows);

    /// <summary>Bytes that writing every one of some rows takes at most.</summary>
    public static long PeakBytes(IEnumerable<PlanRow> rows)
    {
        long memory = 0, scratch = 0;
        foreach (PlanRow row in rows)
        {
            bool inOrder = IsInOrder(row);
            memory = Math.Max(memory, inOrder ? BlockBytes : row.ByteCount);
            foreach (SourcePanel panel in SourcePanel.Cut(row))
            {
                scratch = Math.Max(scratch, inOrder ? (panel.IsCast ? BlockBytes : 0) : PanelCarrier.ScratchBytes(panel));
            }
        }

        return memory + scratch;
    }

    /// <summary>Writes the target's bytes of one row, all of them.</summary>
    public void Write(PlanRow row, Stream output, CancellationToken cancellationToken)
    {
        if (IsInOrder(row))
        {
            WriteRuns(row, output, cancellationToken);
            return;
        }

        // On this thread alone: the stream's own threads, which write and hash, are busy meanwhile.
        Reserve(row.ByteCount);
        if (row.IsPadded)
        {
            NativeMemory.Clear(_memory, (nuint)row.ByteCount);
        }

        foreach (SourcePanel panel in SourcePanel.Cut(row))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _carrier.Carry(panel, _source, (nint)_memory);
        }

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

    // Straight into the memory of a stream that lends it.
    private void WriteRuns(PlanRow row, Stream output, CancellationToken cancellationToken)
    {
        foreach (SourcePanel panel in SourcePanel.Cut(row).OrderBy(panel => panel.Copy.TargetOffset))
        {
            int step = BlockBytes / Math.Max(panel.SourceSize, panel.TargetSize);
            for (long first = 0; first < panel.Copy.Elements; first += step)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int count = (int)Math.Min(step, panel.Copy.Elements - first), bytes = count * panel.TargetSize;
                if (output is IBufferWriter<byte> lender)
                {
                    ReadRun(panel, first, count, lender.GetSpan(bytes)[..bytes]);
                    lender.Advance(bytes);
                }
                else
                {
                    Reserve(BlockBytes);
                    ReadRun(panel, first, count, new Span<byte>(_memory, bytes));
                    output.Write(new ReadOnlySpan<byte>(_memory, bytes));
                }
            }
        }
    }

    private void ReadRun(SourcePanel panel, long first, int count, Span<byte> destination)
    {
        StridedCopy copy = panel.Copy;
        long offset = (copy.SourceOffset + first) * panel.SourceSize;
        if (!panel.IsCast)
        {
            _source.Read(copy.Source, offset, destination);
            return;
        }

        byte[] raw = ArrayPool<byte>.Shared.Rent(count * panel.SourceSize);
        try
        {
            Span<byte> elements = raw.AsSpan(0, count * panel.SourceSize);
            _source.Read(copy.Source, offset, elements);
            DTypeConverter.Convert(elements, copy.Source.DType, destination, panel.Row.DType);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(raw);
        }
    }

    private void WriteAll(Stream output, long bytes, CancellationToken cancellationToken)
    {
        for (long first = 0; first < bytes; first += BlockBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            output.Write(new ReadOnlySpan<byte>(_memory + (nint)first, (int)Math.Min(BlockBytes, bytes - first)));
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
