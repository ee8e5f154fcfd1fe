using System.Globalization;

namespace PyTorchCheckpoints;

/// <summary>The storages of what is written: each once, however many tensors use it.</summary>
internal sealed class WrittenTensors
{
    private readonly Dictionary<TensorStorage, WrittenRecord> _records = new(ReferenceEqualityComparer.Instance);
    private readonly List<WrittenRecord> _inOrder = [];

    /// <summary>The storages in the order of their keys.</summary>
    public IReadOnlyList<WrittenRecord> Records => _inOrder;

    public string KeyOf(PyTorchTensor tensor, string name)
    {
        if (!_records.TryGetValue(tensor.Storage, out WrittenRecord? record))
        {
            string key = _inOrder.Count.ToString(CultureInfo.InvariantCulture);
            record = new WrittenRecord(key, tensor.Storage, name, TorchDTypes.SwapSize(tensor.DType));
            _records.Add(tensor.Storage, record);
            _inOrder.Add(record);
        }

        return record.Key;
    }
}
