using PyTorchCheckpoints;

namespace Importer.Export;

/// <summary>What nanoGPT's <c>ckpt.pt</c> holds beside the model and its shape: the state of a training.</summary>
public sealed class NanoGptState
{
    /// <summary>Steps that were trained. <value>The default is 0.</value></summary>
    public int IterNum { get; init; }

    /// <summary>
    /// The best loss on the validation set so far, in nats. <value>The default is 1e9, with which nanoGPT's train.py begins.</value>
    /// </summary>
    public float BestValLoss { get; init; } = 1e9f;

    /// <summary>
    /// The settings of the training, as train.py's <c>config</c> has them; sample.py looks for <c>dataset</c> in it, to find the
    /// tokenizer. <value>The default, null, is the model's shape.</value>
    /// </summary>
    public DictionaryValue? Config { get; init; }

    /// <summary>
    /// The optimizer as <c>torch.optim.AdamW.state_dict()</c> has it, <c>state</c> and <c>param_groups</c>, numbered in nanoGPT's order:
    /// first the parameters of two dimensions, then the rest, each in the model's order. Its tensors are asked for when they are
    /// written. <value>The default, null, writes none: sample.py reads the file, train.py's resume does not.</value>
    /// </summary>
    public DictionaryValue? Optimizer { get; init; }
}
