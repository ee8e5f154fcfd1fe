using Importer.Models.Gpt;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Models.Layers;

/// <summary>The activations, their names in config.json and their computation.</summary>
internal static class Activations
{
    public static Tensor Apply(GptActivation activation, Tensor x) => activation switch
    {
        GptActivation.GeluTanh => nn.functional.gelu(x, GELU.Approximate.tanh),
        GptActivation.Gelu => nn.functional.gelu(x),
        GptActivation.Relu => nn.functional.relu(x),
        GptActivation.Silu => nn.functional.silu(x),
        GptActivation.Tanh => x.tanh(),
        _ => throw new InvalidOperationException($"No computation for {activation}."),
    };

    /// <summary>The activation of a name, under the field that config.json has it in.</summary>
    public static GptActivation Parse(ConfigJson config, string field, string name) => name switch
    {
        "gelu_new" or "gelu_pytorch_tanh" => GptActivation.GeluTanh,
        "gelu" => GptActivation.Gelu,
        "relu" => GptActivation.Relu,
        "silu" or "swish" => GptActivation.Silu,
        "tanh" => GptActivation.Tanh,
        _ => throw config.Error(field, $"{field} is {ConfigJson.Shorten(name)}, which no model here knows",
            "Known are gelu_new, gelu, relu, silu and tanh; another one would compute other numbers, so it is not guessed."),
    };

    public static string Spelling(GptActivation activation) => activation switch
    {
        GptActivation.GeluTanh => "gelu_new",
        GptActivation.Gelu => "gelu",
        GptActivation.Relu => "relu",
        GptActivation.Silu => "silu",
        GptActivation.Tanh => "tanh",
        _ => throw new InvalidOperationException($"No spelling for {activation}."),
    };
}
