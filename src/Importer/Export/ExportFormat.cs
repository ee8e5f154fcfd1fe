namespace Importer.Export;

/// <summary>The layouts that models are exported in.</summary>
public enum ExportFormat
{
    /// <summary>
    /// What transformers' <c>save_pretrained</c> writes: config.json, generation_config.json, the tokenizer's files, and
    /// model.safetensors or its shards with their index.
    /// </summary>
    Transformers,

    /// <summary>nanoGPT's <c>ckpt.pt</c>, as its train.py saves it and its <c>sample.py --init_from=resume</c> reads it. GPT-2 only.</summary>
    NanoGpt,
}
