using System.Runtime.InteropServices;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Transfer;

/// <summary>
/// Brings panels from a file to their places in memory: read, converted, rearranged. It holds the two panels of scratch that
/// this takes; one carrier serves one thread.
/// </summary>
internal sealed unsafe class PanelCarrier : IDisposable
{
    private byte* _raw;
    private long _rawBytes;
    private byte* _converted;
    private long _convertedBytes;
    private readonly bool _streaming;

    /// <summary>A carrier without scratch memory yet.</summary>
    /// <param name="streaming">Whether the targets are a whole model's, which no cache holds.</param>
    public PanelCarrier(bool streaming) => _streaming = streaming;

    /// <summary>Carries one panel.</summary>
    /// <param name="panel">The panel.</param>
    /// <param name="source">Where its tensor is.</param>
    /// <param name="target">The memory of the whole row, in its dtype and layout.</param>
    /// <exception cref="IOException">The file was cut or cannot be read.</exception>
    public void Carry(SourcePanel panel, TensorSource source, nint target)
    {
        byte* place = (byte*)target + (nint)(panel.Copy.TargetOffset * panel.TargetSize);
        int inBytes = checked((int)panel.SpanBytes), outBytes = checked((int)(panel.Span * panel.TargetSize));
        if (panel.Copy.IsContiguous && !panel.IsCast)
        {
            panel.Read(source, new Span<byte>(place, inBytes));
            return;
        }

        Grow(ref _raw, ref _rawBytes, inBytes);
        Span<byte> raw = new(_raw, inBytes);
        panel.Read(source, raw);
        if (panel.Copy.IsContiguous)
        {
            DTypeConverter.Convert(raw, panel.Copy.Source.DType, new Span<byte>(place, outBytes), panel.Row.DType);
            return;
        }

        byte* elements = _raw;
        if (panel.IsCast)
        {
            Grow(ref _converted, ref _convertedBytes, outBytes);
            elements = _converted;
            DTypeConverter.Convert(raw, panel.Copy.Source.DType, new Span<byte>(elements, outBytes), panel.Row.DType);
        }

        StridedScatter.Copy(elements, panel.Copy.Loops, place, panel.TargetSize, _streaming);
    }

    /// <summary>Bytes of scratch that it holds.</summary>
    internal long HeldBytes => _rawBytes + _convertedBytes;

    /// <summary>Bytes of scratch that a panel takes.</summary>
    internal static long ScratchBytes(SourcePanel panel) => panel switch
    {
        { Copy.IsContiguous: true, IsCast: false } => 0,
        { Copy.IsContiguous: false, IsCast: true } => panel.Span * (panel.SourceSize + panel.TargetSize),
        _ => panel.SpanBytes,
    };

    /// <summary>Frees the scratch memory.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_raw);
        NativeMemory.AlignedFree(_converted);
        _raw = _converted = null;
        _rawBytes = _convertedBytes = 0;
    }

    private static void Grow(ref byte* memory, ref long size, long needed)
    {
        if (size < needed)
        {
            NativeMemory.AlignedFree(memory);
            memory = null;
            size = 0;
            memory = (byte*)NativeMemory.AlignedAlloc((nuint)needed, 64);
            size = needed;
        }
    }
}
