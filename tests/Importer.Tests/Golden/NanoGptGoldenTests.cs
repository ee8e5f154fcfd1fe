using Importer.Conversion;
using Importer.Models;
using Importer.Models.Gpt;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Golden;

/// <summary>What nanoGPT's own train.py saved, against the numbers that it computes from it.</summary>
public sealed class NanoGptGoldenTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("ckpt.pt", false)]
    [InlineData("ckpt.pt", true)]
    [InlineData("ckpt_orig_mod.pt", false)]
    public async Task Logits_and_loss_equal_nanoGPTs_own(string file, bool imported)
    {
        string path = Path.Combine(Repository.Fixture("nanogpt-ckpt"), file);
        if (imported)
        {
            ImportResult result = await WeightImporter.ImportAsync(path, Path.Combine(_directory.Path, "out"));
            Assert.Equal("gpt2-nanogpt", result.Manifest.Mapping.Family);
            path = result.Directory;
        }

        using var scope = NewDisposeScope();
        using var model = (GptModel)PretrainedModel.FromPretrained(path, new() { Device = CPU });
        using var expected = SafeTensorFile.Open(Path.Combine(Repository.Fixture("nanogpt-ckpt"), "expected.safetensors"));
        using var mode = no_grad();
        var ids = Read(expected, "input_ids", int64);

        Assert.InRange(GoldenModel.LargestDifference(model.call(ids), Read(expected, "logits", float32)), 0, 5e-5f);
        Assert.InRange(Math.Abs(model.Loss(ids, Read(expected, "targets", int64)).item<float>() - Read(expected, "loss", float32).item<float>()), 0, 1e-5f);
        Assert.Equal(imported ? "gpt2-nanogpt (imported)" : "gpt2-nanogpt", model.LoadReport!.Mapping);
        Assert.Equal((GptActivation.Gelu, false, 64), (model.Config.Activation, model.Config.Bias, model.Config.BlockSize));
        Assert.Equal(21, model.LoadReport.Loaded.Count);
        Assert.Equal("transformer.wte.weight", model.LoadReport.Tied["lm_head.weight"]);
    }

    private static Tensor Read(SafeTensorFile file, string name, ScalarType dtype)
    {
        var result = empty([.. file.Header[name].Shape], dtype: dtype);
        file.Read(file.Header[name], result.bytes);
        return result;
    }
}
