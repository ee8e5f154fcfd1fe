using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Layers;

/// <summary>Causal self-attention whose queries, keys and values are made apart, by a matrix each: GPT-Neo's and OPT's.</summary>
internal sealed class SeparateAttention : nn.Module<Tensor, ForwardPass, Tensor>
{
    [ComponentName(Name = "q_proj")]
    private readonly Linear _query;

    [ComponentName(Name = "k_proj")]
    private readonly Linear _key;

    [ComponentName(Name = "v_proj")]
    private readonly Linear _value;

    [ComponentName(Name = "out_proj")]
    private readonly Linear _output;

    private readonly Attention _attention;
    private readonly int _heads;
    private readonly double _dropout;

    /// <param name="width">Of what comes in and goes out.</param>
    /// <param name="heads">How many heads share the width.</param>
    /// <param name="inputBias">Whether queries, keys and values have a bias.</param>
    /// <param name="outputBias">Whether the output has one.</param>
    /// <param name="dropout">Of the output, in training.</param>
    /// <param name="attention">What is done with queries, keys and values.</param>
    /// <param name="parameters">Where the parameters come from.</param>
    public SeparateAttention(int width, int heads, bool inputBias, bool outputBias, double dropout, Attention attention, ParameterScope parameters)
        : base(nameof(SeparateAttention))
    {
        _query = new Linear(width, width, inputBias, parameters["q_proj"]);
        _key = new Linear(width, width, inputBias, parameters["k_proj"]);
        _value = new Linear(width, width, inputBias, parameters["v_proj"]);
        _output = new Linear(width, width, outputBias, parameters["out_proj"]);
        _heads = heads;
        _dropout = dropout;
        _attention = attention;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var mixed = _attention.Mix(Heads(_query.call(x)), Heads(_key.call(x)), Heads(_value.call(x)), pass, training);
        return Dropout.Apply(_output.call(mixed), _dropout, training).MoveToOuterDisposeScope();
    }

    private Tensor Heads(Tensor x) => x.view(x.shape[0], x.shape[1], _heads, -1).transpose(1, 2);
}
