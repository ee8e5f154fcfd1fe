using Importer.Models.Gpt;
using Importer.Models.Layers;

namespace Importer.Export;

/// <summary>What nanoGPT's model.py computes, which leaves less open than transformers' GPT2Config does.</summary>
internal static class NanoGptLimits
{
    private const string Remedy = "Export it with --to hf, which expresses all of it.";

    // F.layer_norm in model.py.
    private const double Epsilon = 1e-5;

    /// <summary>Refuses what would compute something else.</summary>
    /// <exception cref="UnsupportedExportException">It would; everything is listed.</exception>
    public static GptConfig Require(ExportSource source)
    {
        if (source.Config is not GptConfig config)
        {
            throw new UnsupportedExportException(
                source.Label, "nanoGPT", [$"its model.py computes GPT-2, and this is {source.Config.ModelType}"], "Export it with --to hf.");
        }

        List<string> problems = [];
        if (config.Activation is not (GptActivation.Gelu or GptActivation.GeluTanh))
        {
            problems.Add($"it computes GELU, and the activation is {Activations.Spelling(config.Activation)}");
        }

        if (config.ResolvedInnerSize != 4 * config.EmbeddingSize)
        {
            problems.Add(FormattableString.Invariant($"its MLP is 4 times as wide as the model, and n_inner is {config.ResolvedInnerSize} where n_embd is {config.EmbeddingSize}"));
        }

        if (!config.TieWordEmbeddings)
        {
            problems.Add("its head is the token embedding, and this one has a head of its own");
        }

        if (!config.ScaleAttention)
        {
            problems.Add("it divides attention scores by the root of the head's size, and scale_attn_weights is false");
        }

        if (config.ScaleAttentionByInverseLayer)
        {
            problems.Add("it scales attention alike in all blocks, and scale_attn_by_inverse_layer_idx is true");
        }

        return problems.Count == 0 ? config : throw new UnsupportedExportException(source.Label, "nanoGPT", problems, Remedy);
    }

    /// <summary>What is nearly the same.</summary>
    public static IEnumerable<string> Notes(GptConfig config)
    {
        if (config.Activation == GptActivation.GeluTanh)
        {
            yield return "nanoGPT computes the exact GELU where this model has its tanh approximation (gelu_new): its logits differ in the third decimal, as those of its own init_from=gpt2 do.";
        }

        if (Math.Abs(config.LayerNormEpsilon - Epsilon) > Epsilon / 1000)
        {
            yield return FormattableString.Invariant($"nanoGPT's layer norms add 1e-5 where this model adds {config.LayerNormEpsilon}: its logits differ a little.");
        }
    }
}
