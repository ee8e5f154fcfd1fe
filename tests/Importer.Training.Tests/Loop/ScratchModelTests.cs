using Importer.Models.Gpt;
using static TorchSharp.torch;

namespace Importer.Training.Tests;

[Collection(TorchCollection.Name)]
public sealed class ScratchModelTests
{
    // What torch 1.13 gives for modules made and initialised in the order of nanoGPT's model.py, seed 1337.
    public static TheoryData<bool, float[], float[], float[], float[], long[]> Drawn => new()
    {
        {
            false, [0.0058976f, 0.0017955f, 0.0116235f], [0.0171419f, -0.0307186f, -0.0146026f], [-0.0206728f, 0.0002957f, -0.0033061f],
            [-0.0125145f, 0.0016263f, 0.0083478f], [81672, 50964, 66280]
        },
        {
            true, [-0.0035923f, -0.0101954f, 0.0096987f], [-0.0427083f, -0.0405824f, 0.0077203f], [0.0081185f, 0.003731f, -0.001945f],
            [-0.0151915f, 0.0054299f, 0.0199066f], [147311, 499229, 220847]
        },
    };

    [Theory]
    [MemberData(nameof(Drawn))]
    public void In_compat_the_weights_and_what_is_drawn_next_are_nanoGPTs(bool bias, float[] tokens, float[] positions, float[] attention, float[] residual, long[] next)
    {
        using var scope = NewDisposeScope();
        using var model = ScratchModel.Create(Tiny.Config() with { Bias = bias }, 1337, nanogptCompat: true);
        AssertStart(tokens, model, "transformer.wte.weight");
        AssertStart(positions, model, "transformer.wpe.weight");
        AssertStart(attention, model, "transformer.h.1.attn.c_attn.weight");
        AssertStart(residual, model, "transformer.h.1.mlp.c_proj.weight");
        Assert.Equal(next, randint(0, 1_000_000, [3], dtype: ScalarType.Int64).data<long>().ToArray());
    }

    [Fact]
    public void Deviations_are_nanoGPTs_and_the_seed_decides()
    {
        using var scope = NewDisposeScope();
        var config = new GptConfig { VocabSize = 500, BlockSize = 64, EmbeddingSize = 128, LayerCount = 8, HeadCount = 4 };
        using var model = ScratchModel.Create(config, 3);
        foreach (var (name, parameter) in model.named_parameters())
        {
            double deviation = name.EndsWith("c_proj.weight", StringComparison.Ordinal) ? 0.02 / 4 : 0.02;
            if (parameter.dim() >= 2)
            {
                Assert.InRange(parameter.std().item<float>() / deviation, 0.97, 1.03);
            }
            else
            {
                Assert.All(parameter.data<float>().ToArray(), value => Assert.Equal(name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0, value));
            }
        }

        using var same = ScratchModel.Create(config, 3);
        using var other = ScratchModel.Create(config, 4);
        Assert.True(same.get_parameter("transformer.wte.weight")!.Equals(model.get_parameter("transformer.wte.weight")!));
        Assert.False(other.get_parameter("transformer.wte.weight")!.Equals(model.get_parameter("transformer.wte.weight")!));
    }

    private static void AssertStart(float[] expected, GptModel model, string name) =>
        Assert.All(model.get_parameter(name)!.detach().data<float>().ToArray().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
}
