using Importer.Mapping;
using Importer.Sources;
using Importer.Transfer;
using SafeTensorSharp;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Loading;

/// <summary>
/// Moves tensors to another device through two pinned buffers in turns: while one travels, the next is read. Elements
/// find their places, and are converted, on the device.
/// </summary>
internal sealed class StagedUploader : IDisposable
{
    private const int BufferBytes = 8 << 20;
    private readonly Device _device;
    private readonly ScalarType _dtype;
    private readonly Dictionary<ScalarType, Tensor[]> _buffers = [];
    private int _turn;

    public StagedUploader(Device device, ScalarType dtype)
    {
        _device = device;
        _dtype = dtype;
    }

    /// <summary>Makes the parameter on the device and fills it.</summary>
    public Parameter Upload(PlannedParameter planned, TensorSource source, Action<long> progress, CancellationToken cancellationToken)
    {
        var parameter = planned.Row.IsPadded
            ? zeros(planned.Shape, dtype: _dtype, device: _device)
            : empty(planned.Shape, dtype: _dtype, device: _device);
        try
        {
            foreach (var panel in SourcePanel.Cut(planned.Row, planned.Rows))
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                using (no_grad())
                {
                    var staged = Fill(panel, source).to(_device, non_blocking: true);
                    long[] sizes = [.. panel.Copy.Loops.Select(loop => loop.Size)];
                    long[] from = [.. panel.Copy.Loops.Select(loop => loop.SourceStride)];
                    long[] to = [.. panel.Copy.Loops.Select(loop => loop.TargetStride)];
                    parameter.as_strided(sizes, to, panel.Copy.TargetOffset).copy_(staged.as_strided(sizes, from));
                }

                progress(panel.WantedBytes);
            }

            var result = new Parameter(parameter);
            result.DetachFromDisposeScope();
            return result;
        }
        catch
        {
            parameter.Dispose();
            throw;
        }
    }

    /// <summary>Frees the buffers, when the device has taken what they held.</summary>
    public void Dispose()
    {
        Synchronize();
        foreach (var buffer in _buffers.Values.SelectMany(pair => pair))
        {
            buffer.Dispose();
        }
    }

    private Tensor Fill(SourcePanel panel, TensorSource source)
    {
        // A dtype that torch lacks is converted on the way into the buffer.
        var own = TorchDTypes.ToTorch(panel.Copy.Source.DType);
        var staged = own ?? _dtype;
        if (!_buffers.TryGetValue(staged, out var pair) || pair[0].NumberOfElements < panel.Span)
        {
            Synchronize();
            Array.ForEach(pair ?? [], buffer => buffer.Dispose());
            long elements = Math.Max(panel.Span, BufferBytes / ParameterDTypes.ByteSize(TorchDTypes.FromTorch(staged)));
            _buffers[staged] = pair = [Buffer(staged, elements), Buffer(staged, elements)];
        }

        _turn ^= 1;
        using var slice = pair[_turn].narrow(0, 0, panel.Span);
        if (own is not null)
        {
            panel.Read(source, slice.bytes);
        }
        else
        {
            byte[] raw = new byte[panel.SpanBytes];
            panel.Read(source, raw);
            DTypeConverter.Convert(raw, panel.Copy.Source.DType, slice.bytes, TorchDTypes.FromTorch(staged));
        }

        // The other buffer travelled meanwhile; once it has arrived this one may go and that one be filled again.
        Synchronize();
        return slice.alias();
    }

    private Tensor Buffer(ScalarType dtype, long elements)
    {
        var buffer = empty(elements, dtype: dtype).DetachFromDisposeScope();
        if (_device.type != DeviceType.CUDA)
        {
            return buffer;
        }

        using (buffer)
        {
            return buffer.pin_memory().DetachFromDisposeScope();
        }
    }

    private void Synchronize()
    {
        if (_device.type == DeviceType.CUDA)
        {
            cuda.synchronize(_device);
        }
    }
}
