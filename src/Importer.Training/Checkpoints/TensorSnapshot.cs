using static TorchSharp.torch;

namespace Importer.Training.Checkpoints;

/// <summary>A copy of tensors in the host's memory, so that the run can go on while it is written.</summary>
internal sealed class TensorSnapshot : IDisposable
{
    private TensorSnapshot(IReadOnlyList<NamedTensor> tensors) => Tensors = tensors;

    /// <summary>The copies, under the same names.</summary>
    public IReadOnlyList<NamedTensor> Tensors { get; }

    /// <summary>Copies tensors.</summary>
    public static TensorSnapshot Of(IEnumerable<NamedTensor> tensors)
    {
        using var mode = no_grad();
        var copies = new List<NamedTensor>();
        var snapshot = new TensorSnapshot(copies);
        try
        {
            foreach (var (name, tensor) in tensors)
            {
                using var scope = NewDisposeScope();
                var own = tensor.detach();
                var copy = own.device_type == TorchSharp.DeviceType.CPU ? own.contiguous().clone() : own.cpu();
                copies.Add(new NamedTensor(name, copy.DetachFromDisposeScope()));
            }

            return snapshot;
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var (_, tensor) in Tensors)
        {
            tensor.Dispose();
        }
    }
}
