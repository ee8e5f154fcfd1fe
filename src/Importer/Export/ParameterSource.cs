using System.Runtime.InteropServices;
using Importer.Mapping;
using Importer.Sources;
using Importer.Transfer;

namespace Importer.Export;

/// <summary>
/// The parameters that a plan makes of a checkpoint, as if they were stored so. What the plan leaves as it is is read straight from the
/// checkpoint; of the rest one parameter at a time is made, when it is asked for. For one thread at a time.
/// </summary>
internal sealed unsafe class ParameterSource : TensorSource
{
    private readonly LoadPlan _plan;
    private readonly TensorSource _checkpoint;
    private readonly PanelCarrier _carrier = new(streaming: false);
    private PlanRow? _made;
    private byte* _memory;
    private long _memoryBytes;

    /// <param name="plan">The plan.</param>
    /// <param name="checkpoint">The checkpoint that it is for; stays the caller's.</param>
    public ParameterSource(LoadPlan plan, TensorSource checkpoint)
    {
        _plan = plan;
        _checkpoint = checkpoint;
        long offset = 0;
        List<SourceTensor> tensors = new(plan.Rows.Count);
        foreach (PlanRow row in plan.Rows)
        {
            tensors.Add(new SourceTensor(row.Target, row.DType, row.Shape, row.Source.File, offset, row.ByteCount));
            offset += row.ByteCount;
        }

        Tensors = tensors;
    }

    public override IReadOnlyList<SourceTensor> Tensors { get; }

    public override IReadOnlyList<string> Files => _checkpoint.Files;

    public override IReadOnlyDictionary<string, string> Metadata => _checkpoint.Metadata;

    public override long HeaderBytes => _checkpoint.HeaderBytes;

    /// <summary>Bytes that it holds at most.</summary>
    public static long PeakBytes(LoadPlan plan)
    {
        long memory = 0, scratch = 0;
        foreach (PlanRow row in plan.Rows.Where(row => !row.IsVerbatim))
        {
            memory = Math.Max(memory, row.ByteCount);
            scratch = Math.Max(scratch, SourcePanel.Cut(row).Max(PanelCarrier.ScratchBytes));
        }

        return memory + scratch;
    }

    public override void Read(SourceTensor tensor, long offset, Span<byte> destination)
    {
        PlanRow row = _plan.Find(tensor.Name)!;
        if (row.IsVerbatim)
        {
            _checkpoint.Read(row.Source, offset, destination);
            return;
        }

        Make(row);
        new ReadOnlySpan<byte>(_memory + (nint)offset, destination.Length).CopyTo(destination);
    }

    protected override void Dispose(bool disposing)
    {
        _carrier.Dispose();
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _memoryBytes = 0;
    }

    private void Make(PlanRow row)
    {
        if (_made == row)
        {
            return;
        }

        _made = null;
        if (_memoryBytes < row.ByteCount)
        {
            NativeMemory.AlignedFree(_memory);
            _memory = null;
            _memoryBytes = 0;
            _memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(row.ByteCount, 64), 64);
            _memoryBytes = row.ByteCount;
        }

        if (row.IsPadded)
        {
            NativeMemory.Clear(_memory, (nuint)row.ByteCount);
        }

        foreach (SourcePanel panel in SourcePanel.Cut(row))
        {
            _carrier.Carry(panel, _checkpoint, (nint)_memory);
        }

        _made = row;
    }
}
