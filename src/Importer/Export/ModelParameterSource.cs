using Importer.Loading;
using Importer.Models;
using Importer.Sources;
using SafeTensorSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace Importer.Export;

/// <summary>
/// The parameters of a model in memory, read where they are: from the CPU's memory, or in blocks from a device's. For one thread at a time.
/// </summary>
internal sealed class ModelParameterSource : TensorSource
{
    private readonly Dictionary<string, Tensor> _parameters = new(StringComparer.Ordinal);
    private string? _current;
    private Tensor? _flat;

    /// <param name="model">The model, which must not be trained or disposed meanwhile.</param>
    public ModelParameterSource(PretrainedModel model)
    {
        List<SourceTensor> tensors = [];
        long offset = 0;
        foreach (var (name, parameter) in model.named_parameters())
        {
            DType dtype = TorchDTypes.FromTorch(parameter.dtype);
            long bytes = DTypes.ByteCount(dtype, parameter.NumberOfElements);
            tensors.Add(new SourceTensor(name, dtype, parameter.shape, Label, offset, bytes));
            _parameters.Add(name, parameter);
            offset += bytes;
        }

        Tensors = tensors;
    }

    /// <summary>What messages call a model that is in no file.</summary>
    public static string Label => "the model";

    public override IReadOnlyList<SourceTensor> Tensors { get; }

    public override IReadOnlyList<string> Files => [];

    public override IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    public override long HeaderBytes => 0;

    public override void Read(SourceTensor tensor, long offset, Span<byte> destination)
    {
        if (destination.IsEmpty)
        {
            return;
        }

        using var mode = no_grad();
        using var scope = NewDisposeScope();
        int size = DTypes.BitSize(tensor.DType) / 8;
        Tensor block = Flat(tensor.Name).narrow(0, offset / size, destination.Length / size);
        (block.device_type == DeviceType.CPU ? block : block.cpu()).bytes.CopyTo(destination);
    }

    protected override void Dispose(bool disposing) => _flat?.Dispose();

    // A view where the parameter's elements lie in a row, as they do unless somebody transposed it in place; else a copy, one at a time.
    private Tensor Flat(string name)
    {
        if (_current != name)
        {
            _flat?.Dispose();
            _current = null;
            using Tensor parameter = _parameters[name].detach();
            _flat = parameter.reshape(-1).DetachFromDisposeScope();
            _current = name;
        }

        return _flat!;
    }
}
