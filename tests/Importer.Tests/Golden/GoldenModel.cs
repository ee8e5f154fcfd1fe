using Importer.Models;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Golden;

/// <summary>A golden checkpoint and what its own project computed from it.</summary>
internal sealed class GoldenModel : IDisposable
{
    private readonly SafeTensorFile _expected;

    public GoldenModel(string name, string? from = null)
    {
        Directory = Repository.Fixture(name);
        Model = PretrainedModel.FromPretrained(from ?? Weights(name), new() { Device = CPU });
        _expected = SafeTensorFile.Open(Path.Combine(Directory, "expected.safetensors"));
    }

    public string Directory { get; }

    public PretrainedModel Model { get; }

    public Tensor Ids => Expected("input_ids");

    public IEnumerable<string> GradientNames =>
        _expected.Header.Tensors.Select(info => info.Name).Where(name => name.StartsWith("grad.", StringComparison.Ordinal));

    /// <summary>A golden set's weights: its directory, or the safetensors that stand in for minimind's .pth.</summary>
    public static string Weights(string name) =>
        Path.Combine(Repository.Fixture(name), "values.safetensors") is var values && File.Exists(values) ? values : Repository.Fixture(name);

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
