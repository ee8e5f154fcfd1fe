using Importer.Models;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Golden;

/// <summary>Every golden set of the families beside GPT-2 against the numbers of the project that owns it, in f32.</summary>
public sealed class FamilyGoldenTests
{
    private const float Tolerance = 5e-5f;

    public static TheoryData<string> Names =>
    [
        "tiny-llama", "tiny-llama-bias-linrope", "tiny-llama-sharded-f16", "tiny-llama-tied", "tiny-mistral", "tiny-qwen2", "tiny-qwen2-tied",
        "tiny-minimind-qwen3", "tiny-minimind", "tiny-minimind2", "tiny-minimind-moe", "tiny-gpt-neo", "tiny-gpt-neo-buffers", "tiny-gpt-neox", "tiny-gpt-neox-seq",
        "tiny-minimind-old", "tiny-minimind-v1", "tiny-opt", "tiny-opt-350m-style",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Logits_and_loss_equal_the_projects_own(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        using var mode = no_grad();
        var ids = golden.Ids;
        long last = ids.shape[1] - 1;

        Assert.InRange(GoldenModel.LargestDifference(golden.Model.call(ids), golden.Expected("logits")), 0, Tolerance);
        var loss = golden.Model.Loss(ids.narrow(1, 0, last), ids.narrow(1, 1, last));
        Assert.InRange(Math.Abs(loss.item<float>() - golden.Expected("loss").item<float>()), 0, Tolerance);
    }

    [Theory]
    [InlineData("tiny-minimind/pretrain_32.pth")]
    [InlineData("tiny-minimind/pretrain_32_resume.pth")]
    [InlineData("tiny-minimind/hf")]
    [InlineData("tiny-minimind2/pretrain_32.pth")]
    [InlineData("tiny-minimind2/hf")]
    [InlineData("tiny-minimind-moe/pretrain_24_moe.pth")]
    [InlineData("tiny-minimind-old/pretrain_32.pth")]
    [InlineData("tiny-minimind-old/hf")]
    [InlineData("tiny-minimind-v1/pretrain_36.pth")]
    [InlineData("tiny-minimind-v1/full_sft_36_compiled.pth")]
    public void What_minimind_itself_saves_has_the_same_logits(string path)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(path.Split('/')[0], Repository.Fixture(path));
        using var mode = no_grad();

        Assert.InRange(GoldenModel.LargestDifference(golden.Model.call(golden.Ids), golden.Expected("logits")), 0, Tolerance);
    }

    [Theory]
    [InlineData("values.safetensors")]
    [InlineData("pretrain_64.pth")]
    [InlineData("pretrain_64_legacy.pth")]
    public void What_miniminds_trainer_saves_needs_the_configuration_that_it_does_not_write(string file)
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        string copy = directory.CopyFixture("minimind-like");
        File.WriteAllText(
            Path.Combine(copy, "config.json"),
            """
            {
              "model_type": "minimind", "vocab_size": 128, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
              "num_key_value_heads": 2, "head_dim": 16, "intermediate_size": 128, "max_position_embeddings": 128, "rms_norm_eps": 1e-6
            }
            """);
        using var golden = new GoldenModel("minimind-like", Path.Combine(copy, file));
        using var mode = no_grad();

        Assert.InRange(GoldenModel.LargestDifference(golden.Model.call(golden.Ids), golden.Expected("logits")), 0, Tolerance);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Hidden_states_equal_the_projects_own_after_every_layer(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        using var mode = no_grad();
        var states = golden.Model.HiddenStates(golden.Ids);

        Assert.Equal(golden.Model.Config.LayerCount + 2, states.Count);
        for (int i = 0; i < states.Count; i++)
        {
            string state = i == 0 ? "embd" : i == states.Count - 1 ? "norm" : $"layers.{i - 1}";
            if (golden.Has($"hidden.{state}"))
            {
                Assert.InRange(GoldenModel.LargestDifference(states[i], golden.Expected($"hidden.{state}")), 0, Tolerance);
            }
            else
            {
                // A model without a final norm has no such state; the last one is what its head takes all the same.
                Assert.Equal(("tiny-opt-350m-style", "norm"), (name, state));
                Assert.InRange(GoldenModel.LargestDifference(golden.Model.Head(states[i]), golden.Expected("logits")), 0, Tolerance);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Greedy_continuations_equal_the_projects_own_with_and_without_a_cache(string name) => Greedy.Check(name);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_gradient_reaches_every_parameter(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        var ids = golden.Ids;

        golden.Model.Loss(ids, ids).backward();

        foreach (var (parameterName, parameter) in golden.Model.named_parameters())
        {
            // Where no rotation follows, a bias of keys shifts all scores of a query alike, which softmax does not see.
            bool isSeen = !(name.StartsWith("tiny-opt", StringComparison.Ordinal) && parameterName.EndsWith("k_proj.bias", StringComparison.Ordinal));
            Assert.True(parameter.grad is { } gradient && (!isSeen || gradient.abs().max().item<float>() > 0), parameterName);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_prompt_in_pieces_and_one_that_is_padded_give_the_logits_of_the_whole(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        using var mode = no_grad();
        var ids = golden.Ids.narrow(0, 0, 1);
        var whole = golden.Expected("logits").narrow(0, 0, 1);

        // 17 tokens: 4 at once, one alone, then 12 behind them.
        using var pieces = new KeyValueCache(golden.Model, 1, 17);
        var parts = new[] { (0, 4), (4, 1), (5, 12) }.Select(part => golden.Model.forward(ids.narrow(1, part.Item1, part.Item2), pieces)).ToList();
        Assert.InRange(GoldenModel.LargestDifference(cat(parts, 1), whole), 0, Tolerance);

        // The whole beside its first 12 tokens behind 5 of padding.
        using var padded = new KeyValueCache(golden.Model, 2, 18, padding: [0, 5]);
        var batch = cat([ids, cat([zeros([1, 5], int64), ids.narrow(1, 0, 12)], 1)], 0);
        var logits = golden.Model.forward(batch, padded);
        Assert.InRange(GoldenModel.LargestDifference(logits.narrow(0, 0, 1), whole), 0, Tolerance);
        Assert.InRange(GoldenModel.LargestDifference(logits.narrow(0, 1, 1).narrow(1, 5, 12), whole.narrow(1, 0, 12)), 0, Tolerance);

        // And one token more for each.
        var next = golden.Model.forward(cat([ids.narrow(1, 0, 1), ids.narrow(1, 12, 1)], 0), padded);
        Assert.InRange(GoldenModel.LargestDifference(next.narrow(0, 1, 1), whole.narrow(1, 12, 1)), 0, Tolerance);
    }
}
