using System.Runtime.InteropServices;
using Importer.Mapping;
using Importer.Sources;
using Importer.Transfer;

namespace Importer.Inspection.Comparison;

/// <summary>
/// The elements of one tensor in order, read in pieces: where it is stored in that order straight from the file, else from a copy of
/// this one tensor in the order wanted.
/// </summary>
internal sealed unsafe class TensorElements : IDisposable
{
    private readonly TensorSource _source;
    private readonly SourceTensor? _tensor;
    private byte* _memory;

    private TensorElements(TensorSource source, SourceTensor? tensor)
    {
        _source = source;
        _tensor = tensor;
    }

    /// <summary>A tensor as it is stored.</summary>
    public static TensorElements Stored(TensorSource source, SourceTensor tensor) => new(source, tensor);

    /// <summary>The parameter that a plan's row fills.</summary>
    public static TensorElements Planned(TensorSource source, PlanRow row, CancellationToken cancellationToken)
    {
        if (row.IsVerbatim)
        {
            return Stored(source, row.Source);
        }

        var elements = new TensorElements(source, null);
        try
        {
            elements.Gather(row, cancellationToken);
            return elements;
        }
        catch
        {
            elements.Dispose();
            throw;
        }
    }

    /// <summary>Reads bytes from an offset on.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        if (_tensor is not null)
        {
            _source.Read(_tensor, offset, destination);
        }
        else
        {
            new ReadOnlySpan<byte>(_memory + (nint)offset, destination.Length).CopyTo(destination);
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }

    private void Gather(PlanRow row, CancellationToken cancellationToken)
    {
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(row.ByteCount, 64), 64);
        if (row.IsPadded)
        {
            NativeMemory.Clear(_memory, (nuint)row.ByteCount);
        }

        using var carrier = new PanelCarrier(streaming: false);
        foreach (var panel in SourcePanel.Cut(row))
        {
            cancellationToken.ThrowIfCancellationRequested();
            carrier.Carry(panel, _source, (nint)_memory);
        }
    }
}
