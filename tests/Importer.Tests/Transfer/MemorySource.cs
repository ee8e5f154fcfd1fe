using System.Runtime.InteropServices;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Tests.Transfer;

/// <summary>Tensors in memory; each element is a number of its own unless it is given.</summary>
internal sealed class MemorySource : TensorSource
{
    private readonly Dictionary<string, byte[]> _data = new(StringComparer.Ordinal);
    private readonly List<SourceTensor> _tensors = [];

    public override IReadOnlyList<SourceTensor> Tensors => _tensors;

    public override IReadOnlyList<string> Files => ["memory"];

    public override IReadOnlyDictionary<string, string> Metadata => new Dictionary<string, string>();

    public override long HeaderBytes => 0;

    /// <summary>Adds a tensor of F32 that counts on from where the one before ended.</summary>
    public MemorySource Add(string name, params long[] shape)
    {
        int first = _data.Values.Sum(data => data.Length / 4), count = (int)shape.Aggregate(1L, (product, size) => product * size);
        return Add(name, DType.F32, MemoryMarshal.AsBytes<float>([.. Enumerable.Range(first, count).Select(i => (float)i)]).ToArray(), shape);
    }

    public MemorySource Add(string name, DType dtype, byte[] data, params long[] shape)
    {
        _tensors.Add(new SourceTensor(name, dtype, shape, "memory", _tensors.Sum(tensor => tensor.ByteCount), data.Length));
        _data.Add(name, data);
        return this;
    }

    public byte[] Data(string name) => _data[name];

    public float[] Numbers(string name) => MemoryMarshal.Cast<byte, float>(_data[name]).ToArray();

    public override void Read(SourceTensor tensor, long offset, Span<byte> destination) =>
        _data[tensor.Name].AsSpan((int)offset, destination.Length).CopyTo(destination);

    protected override void Dispose(bool disposing)
    {
    }
}
