namespace Importer.Models.Gpt;

/// <summary>The activation between the two halves of a GPT-2 MLP; config.json's <c>activation_function</c>.</summary>
public enum GptActivation
{
    /// <summary>The tanh approximation of GELU, <c>gelu_new</c>; what every published GPT-2 uses.</summary>
    GeluTanh,

    /// <summary>The exact GELU, x·Φ(x), <c>gelu</c>; what nanoGPT trains with.</summary>
    Gelu,

    /// <summary>max(0, x), <c>relu</c>.</summary>
    Relu,

    /// <summary>x·σ(x), <c>silu</c> or <c>swish</c>.</summary>
    Silu,

    /// <summary>tanh(x), <c>tanh</c>.</summary>
    Tanh,
}
