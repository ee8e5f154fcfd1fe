using static TorchSharp.torch;

namespace Importer.Models.Layers;

/// <summary>One transformer block: the residual stream, [batch, length, width], in and out.</summary>
internal abstract class DecoderBlock : nn.Module<Tensor, ForwardPass, Tensor>
{
    private protected DecoderBlock(string name)
        : base(name)
    {
    }
}
