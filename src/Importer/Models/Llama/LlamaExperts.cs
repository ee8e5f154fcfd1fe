using Importer.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Linear = Importer.Models.Layers.Linear;

namespace Importer.Models.Llama;

/// <summary>
/// A mixture of experts in the place of the MLP, as minimind-3 has it: a gate gives every expert a probability, the likeliest
/// few compute the token, and their outputs are summed by these weights. Each expert sees only its own tokens.
/// </summary>
internal sealed class LlamaExperts : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "gate")]
    private readonly Linear _gate;

    [ComponentName(Name = "experts")]
    private readonly ModuleList<LlamaMlp> _experts;

    private readonly int _perToken;
    private readonly bool _normalize;

    public LlamaExperts(LlamaConfig config, ParameterScope parameters)
        : base(nameof(LlamaExperts))
    {
        _gate = new Linear(config.EmbeddingSize, config.ExpertCount, bias: false, parameters["gate"]);
        _experts = new ModuleList<LlamaMlp>(
            [.. Enumerable.Range(0, config.ExpertCount).Select(i => new LlamaMlp(config, parameters["experts"][$"{i}"]))]);
        _perToken = config.ExpertsPerToken;
        _normalize = config.NormalizeExperts;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var tokens = x.reshape(-1, x.shape[^1]);
        var (weights, chosen) = _gate.call(tokens).softmax(-1).topk(_perToken, -1);
        if (_normalize)
        {
            weights = weights / weights.sum(-1L, keepdim: true);
        }

        var result = zeros_like(tokens);
        int number = 0;
        foreach (var expert in _experts)
        {
            using var inner = NewDisposeScope();
            var places = chosen.eq(number++).nonzero(); // [n, 2]: the token, and the rank that the expert has for it
            if (places.shape[0] == 0)
            {
                continue;
            }

            var (token, rank) = (places.select(1, 0), places.select(1, 1));
            var weight = weights.index_select(0, token).gather(1, rank.unsqueeze(1));
            var sum = result.index_add(0, token, expert.call(tokens.index_select(0, token)) * weight, 1).MoveToOuterDisposeScope();
            result.Dispose();
            result = sum;
        }

        return result.view(x.shape).MoveToOuterDisposeScope();
    }
}
