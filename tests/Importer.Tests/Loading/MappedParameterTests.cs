using Importer.Conversion;
using Importer.Loading;
using Importer.Models.Gpt;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Loading;

/// <summary>Models whose parameters are views of an imported file.</summary>
public sealed class MappedParameterTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_parameter_that_is_changed_in_place_leaves_the_file_as_it_was()
    {
        string imported = await Import(DType.F32);
        string weights = Path.Combine(imported, "model.safetensors");
        byte[] before = File.ReadAllBytes(weights);
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using (var model = GptModel.FromPretrained(imported, new() { Device = CPU }))
        {
            Assert.True(model.LoadReport!.IsMapped);
            using var other = GptModel.FromPretrained(imported, new() { Device = CPU });
            foreach (var (name, parameter) in model.named_parameters())
            {
                using var old = parameter.clone();
                parameter.add_(1);
                Assert.False(parameter.allclose(old));
                Assert.True(other.get_parameter(name)!.allclose(old, rtol: 0, atol: 0), $"{name} of another model changed");
            }
        }

        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(weights)), "the file changed");
    }

    [Theory]
    [InlineData("tiny-gpt2", DType.F32)]
    [InlineData("tiny-gpt2-sharded", DType.F16)]
    [InlineData("variant-n-inner", DType.BF16)]
    [InlineData("variant-gelu", DType.F64)]
    public async Task The_data_of_a_written_file_begins_at_a_multiple_of_64_bytes(string name, DType dtype)
    {
        string imported = await Import(dtype, name);

        Assert.Equal(0, SafeTensorHeader.Identify(Path.Combine(imported, "model.safetensors")).DataOffset % 64);
        using var model = GptModel.FromPretrained(imported, new() { Device = CPU, DType = TorchDTypes.ToTorch(dtype) });
        Assert.True(model.LoadReport!.IsMapped);
        Assert.True(ParameterMemory.Address(model.named_parameters().Select(p => p.parameter).MinBy(ParameterMemory.Address)!) % 64 == 0);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float64)]
    public void Every_parameter_that_is_read_begins_at_a_multiple_of_64_bytes(ScalarType dtype)
    {
        // n_inner is 72 and half of all sizes no multiple of 64 bytes: what follows would be misaligned.
        using var model = GptModel.FromPretrained(Repository.Fixture("variant-n-inner"), new() { Device = CPU, DType = dtype });

        Assert.False(model.LoadReport!.IsMapped);
        Assert.All(model.named_parameters(), p => Assert.True(ParameterMemory.Address(p.parameter) % 64 == 0, p.name));
    }

    private async Task<string> Import(DType dtype, string name = "tiny-gpt2") =>
        (await WeightImporter.ImportAsync(Repository.Fixture(name), _directory["weights"], new ImportOptions { DType = dtype })).Directory;
}
