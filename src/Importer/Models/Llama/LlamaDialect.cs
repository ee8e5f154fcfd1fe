namespace Importer.Models.Llama;

/// <summary>
/// The models that share Llama's mathematics, and what each adds to it. config.json's <c>model_type</c> tells them apart.
/// </summary>
public enum LlamaDialect
{
    /// <summary>Llama, and all that call themselves so: TinyLlama, SmolLM. <c>llama</c></summary>
    Llama,

    /// <summary>Mistral: Llama whose tokens may see only a window. <c>mistral</c></summary>
    Mistral,

    /// <summary>Qwen2 and Qwen2.5: biases on queries, keys and values. <c>qwen2</c></summary>
    Qwen2,

    /// <summary>Qwen3: a norm over each query and key head. <c>qwen3</c></summary>
    Qwen3,

    /// <summary>minimind2 and before, in all its key names: plain Llama. <c>minimind</c> without a <c>head_dim</c></summary>
    MiniMind2,

    /// <summary>minimind-3: Qwen3's mathematics, and a mixture of experts if it is asked for. <c>minimind</c> with a <c>head_dim</c></summary>
    MiniMind3,
}
