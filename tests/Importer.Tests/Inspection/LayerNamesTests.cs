using Importer.Inspection;

namespace Importer.Tests.Inspection;

public sealed class LayerNamesTests
{
    [Theory]
    [InlineData("h.0.attn.bias", "h.0")]
    [InlineData("transformer.h.11.ln_1.weight", "transformer.h.11")]
    [InlineData("model.layers.3.mlp.experts.7.gate_proj.weight", "model.layers.3")]
    [InlineData("transformer.wte.weight", "transformer.wte")]
    [InlineData("wte", "wte")]
    [InlineData("", "")]
    [InlineData("..", ".")]
    public void The_layer_is_the_name_up_to_its_first_number(string name, string layer) => Assert.Equal(layer, LayerNames.Of(name));

    [Fact]
    public void Layers_come_in_the_order_of_their_numbers()
    {
        string[] names = ["wte", "h.10", "h.9", "h", "h.2", "lm_head"];

        Assert.Equal(["h", "h.2", "h.9", "h.10", "lm_head", "wte"], names.Order(Comparer<string>.Create(LayerNames.Compare)));
    }
}
