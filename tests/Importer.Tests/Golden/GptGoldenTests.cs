using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Golden;

/// <summary>Every golden GPT-2 set against transformers' own numbers, in f32.</summary>
public sealed class GptGoldenTests
{
    private const float Tolerance = 5e-5f;

    public static TheoryData<string> Names =>
    [
        "tiny-gpt2", "tiny-gpt2-prefixed", "tiny-gpt2-sharded", "misaligned-gpt2", "tiny-gpt2-bin", "tiny-gpt2-bin-legacy", "tiny-gpt2-sharded-bin",
        .. Directory.GetDirectories(Repository.Fixture("."), "variant-*").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Logits_equal_transformers(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        using var mode = no_grad();

        Assert.InRange(GoldenModel.LargestDifference(golden.Model.call(golden.Ids), golden.Expected("logits")), 0, Tolerance);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Hidden_states_equal_transformers_after_every_block(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        using var mode = no_grad();
        var states = golden.Model.HiddenStates(golden.Ids);

        Assert.Equal(golden.Model.Config.LayerCount + 2, states.Count);
        for (int i = 0; i < states.Count; i++)
        {
            string state = i == 0 ? "embd" : i == states.Count - 1 ? "ln_f" : $"h.{i - 1}";
            Assert.InRange(GoldenModel.LargestDifference(states[i], golden.Expected($"hidden.{state}")), 0, Tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Loss_and_gradients_equal_transformers(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        var ids = golden.Ids;
        long last = ids.shape[1] - 1;

        var loss = golden.Model.Loss(ids.narrow(1, 0, last), ids.narrow(1, 1, last));
        Assert.InRange(Math.Abs(loss.item<float>() - golden.Expected("loss").item<float>()), 0, Tolerance);

        loss.backward();
        Assert.NotEmpty(golden.GradientNames);
        foreach (string gradientName in golden.GradientNames)
        {
            var expected = golden.Expected(gradientName);
            string parameterName = gradientName["grad.".Length..];
            parameterName = parameterName.StartsWith("transformer.", StringComparison.Ordinal) || parameterName == "lm_head.weight"
                ? parameterName
                : "transformer." + parameterName;
            var actual = golden.Model.get_parameter(parameterName)!.grad!;
            if (parameterName.EndsWith("c_attn.weight", StringComparison.Ordinal) || parameterName.EndsWith("c_proj.weight", StringComparison.Ordinal) ||
                parameterName.EndsWith("c_fc.weight", StringComparison.Ordinal))
            {
                actual = actual.t(); // the golden gradient has Conv1D's layout
            }

            float scale = expected.abs().max().item<float>();
            Assert.InRange(GoldenModel.LargestDifference(actual, expected), 0, 1e-4f * scale);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Greedy_continuations_equal_transformers_with_and_without_a_cache(string name) => Greedy.Check(name);
}
