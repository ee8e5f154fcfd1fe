using Importer.Models.Gpt;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Golden;

/// <summary>A golden checkpoint and what transformers computed from it.</summary>
internal sealed class GoldenGpt : IDisposable
{
    private readonly SafeTensorFile _expected;

    public GoldenGpt(string name, string? from = null)
    {
        Directory = Repository.Fixture(name);
        Model = GptModel.FromPretrained(from ?? Directory, new() { Device = CPU });
        _expected = SafeTensorFile.Open(Path.Combine(Directory, "expected.safetensors"));
    }

    public static TheoryData<string> Names =>
    [
        "tiny-gpt2", "tiny-gpt2-prefixed", "tiny-gpt2-sharded", "misaligned-gpt2",
        .. System.IO.Directory.GetDirectories(Repository.Fixture("."), "variant-*").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal),
    ];

    public string Directory { get; }

    public GptModel Model { get; }

    public Tensor Ids => Expected("input_ids");

    public IEnumerable<string> GradientNames =>
        _expected.Header.Tensors.Select(info => info.Name).Where(name => name.StartsWith("grad.", StringComparison.Ordinal));

    /// <summary>One of the expected tensors, F32 or I64.</summary>
    public Tensor Expected(string name)
    {
        var info = _expected.Header[name];
        var result = empty([.. info.Shape], dtype: info.DType == DType.I64 ? int64 : float32);
        _expected.Read(info, result.bytes);
        return result;
    }

    public bool Has(string name) => _expected.Header.TryGetTensor(name, out _);

    public void Dispose()
    {
        Model.Dispose();
        _expected.Dispose();
    }

    public static float LargestDifference(Tensor one, Tensor other)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(other.shape, one.shape);
        return (one - other).abs().max().item<float>();
    }
}
