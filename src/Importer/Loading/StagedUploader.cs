using Importer.Mapping;
using Importer.Mapping.Operations;
using Importer.Sources;
using SafeTensorSharp;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Loading;

/// <summary>
/// Moves tensors to another device through two pinned buffers in turns: while one travels, the next is read. Transposes
/// and conversions happen on the device.
/// </summary>
internal sealed class StagedUploader : IDisposable
{
    private const int BufferBytes = 16 << 20;
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
        var row = planned.Row;
        var parameter = empty(planned.Shape, dtype: _dtype, device: _device);
        try
        {
            bool transposed = row.Operation is TransposeOperation;
            long rows = transposed ? row.Source.Shape[0] : planned.Rows;
            long perRow = row.Source.Shape.Skip(1).Aggregate(1L, (product, size) => product * size);

            // A dtype that torch lacks is converted on the way into the buffer.
            var staged = TorchDTypes.ToTorch(row.Source.DType) ?? _dtype;
            long stagedRow = perRow * ParameterDTypes.ByteSize(TorchDTypes.FromTorch(staged));
            long step = Math.Max(1, BufferBytes / Math.Max(1, stagedRow));
            for (long first = 0; first < rows; first += step)
            {
                cancellationToken.ThrowIfCancellationRequested();
                long count = Math.Min(step, rows - first);
                using var scope = NewDisposeScope();
                var part = Fill(row, source, staged, first * perRow, count * perRow).view(count, perRow);
                using (no_grad())
                {
                    var onDevice = part.to(_device, non_blocking: true);
                    if (transposed)
                    {
                        parameter.narrow(1, first, count).copy_(onDevice.t());
                    }
                    else
                    {
                        parameter.view(rows, perRow).narrow(0, first, count).copy_(onDevice);
                    }
                }

                progress(count * perRow * ParameterDTypes.ByteSize(row.Source.DType));
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

    private Tensor Fill(PlanRow row, TensorSource source, ScalarType staged, long first, long count)
    {
        long elementSize = ParameterDTypes.ByteSize(TorchDTypes.FromTorch(staged));
        if (!_buffers.TryGetValue(staged, out var pair) || pair[0].NumberOfElements < count)
        {
            Synchronize();
            Array.ForEach(pair ?? [], buffer => buffer.Dispose());
            long elements = Math.Max(count, BufferBytes / elementSize);
            _buffers[staged] = pair = [Buffer(staged, elements), Buffer(staged, elements)];
        }

        _turn ^= 1;
        using var slice = pair[_turn].narrow(0, 0, count);
        int inSize = ParameterDTypes.ByteSize(row.Source.DType);
        if (TorchDTypes.ToTorch(row.Source.DType) == staged)
        {
            source.Read(row.Source, first * inSize, slice.bytes);
        }
        else
        {
            byte[] raw = new byte[count * inSize];
            source.Read(row.Source, first * inSize, raw);
            DTypeConverter.Convert(raw, row.Source.DType, slice.bytes, TorchDTypes.FromTorch(staged));
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
