using static TorchSharp.torch;

namespace Importer.Models.Layers;

/// <summary>Everything but the head: token ids become hidden states. The families differ in what they embed and in their blocks.</summary>
internal abstract class Decoder : nn.Module<Tensor, ForwardPass, Tensor>
{
    private protected Decoder(string name)
        : base(name)
    {
    }

    /// <summary>The token embedding, [vocab_size, width]; a tied head uses it too.</summary>
    public abstract Embedding Tokens { get; }

    /// <summary>The blocks, in order.</summary>
    public abstract IReadOnlyList<DecoderBlock> Blocks { get; }

    /// <summary>The residual stream before the first block, [batch, length, width].</summary>
    public abstract Tensor Embed(Tensor ids, ForwardPass pass);

    /// <summary>The norm after the last block.</summary>
    public abstract Tensor Normalize(Tensor hidden);

    /// <summary>The hidden states after the final norm, [batch, length, width].</summary>
    public sealed override Tensor forward(Tensor ids, ForwardPass pass)
    {
        var x = Embed(ids, pass);
        foreach (var block in Blocks)
        {
            var next = block.call(x, pass);
            x.Dispose();
            x = next;
        }

        using (x)
        {
            return Normalize(x);
        }
    }

    /// <summary>The embeddings, every block's output, and the last one's after the final norm.</summary>
    public IReadOnlyList<Tensor> States(Tensor ids, ForwardPass pass)
    {
        var states = new List<Tensor>(Blocks.Count + 2) { Embed(ids, pass) };
        foreach (var block in Blocks)
        {
            states.Add(block.call(states[^1], pass));
        }

        states.Add(Normalize(states[^1]));
        return states;
    }
}
