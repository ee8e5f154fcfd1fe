using System.Text.Json;
using System.Text.Json.Nodes;
using Importer.Models.Gpt;
using Tests.Shared;

namespace Importer.Tests.Models;

public sealed class GptConfigTests
{
    private static JsonObject Published() =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Fixture("tiny-gpt2"), "config.json")))!.AsObject();

    private static GptConfig Parse(JsonObject json) => GptConfig.FromJson(JsonDocument.Parse(json.ToJsonString()).RootElement);

    [Fact]
    public void Reads_what_transformers_writes()
    {
        var config = Parse(Published());

        Assert.Equal((211, 64, 48, 3, 4), (config.VocabSize, config.BlockSize, config.EmbeddingSize, config.LayerCount, config.HeadCount));
        Assert.Equal(192, config.ResolvedInnerSize);
        Assert.Equal(GptActivation.GeluTanh, config.Activation);
        Assert.True(config.TieWordEmbeddings);
        Assert.Equal((0.1, 0.1, 0.1), (config.EmbeddingDropout, config.AttentionDropout, config.ResidualDropout));
    }

    [Theory]
    [InlineData("activation_function", "\"gelu_fast\"")]
    [InlineData("activation_function", "7")]
    [InlineData("model_type", "\"llama\"")]
    [InlineData("add_cross_attention", "true")]
    [InlineData("quantization_config", "{\"bits\":4}")]
    [InlineData("n_layer", "0")]
    [InlineData("n_layer", "-1")]
    [InlineData("n_layer", "2.5")]
    [InlineData("n_layer", "1e300")]
    [InlineData("n_layer", "2147483647")]
    [InlineData("n_layer", "null")]
    [InlineData("n_head", "5")]
    [InlineData("n_embd", "\"48\"")]
    [InlineData("n_embd", "2147483640")]
    [InlineData("n_inner", "0")]
    [InlineData("vocab_size", "[]")]
    [InlineData("layer_norm_epsilon", "0")]
    [InlineData("layer_norm_epsilon", "\"1e-5\"")]
    [InlineData("scale_attn_weights", "\"true\"")]
    [InlineData("reorder_and_upcast_attn", "1")]
    [InlineData("tie_word_embeddings", "\"no\"")]
    [InlineData("attn_pdrop", "1.5")]
    [InlineData("resid_pdrop", "-0.1")]
    public void A_value_that_it_cannot_compute_is_refused_by_name(string field, string value)
    {
        var json = Published();
        json[field] = JsonNode.Parse(value);

        var error = Assert.Throws<ModelConfigException>(() => Parse(json));

        Assert.Equal(field, error.Field);
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vocab_size")]
    [InlineData("n_positions")]
    [InlineData("n_embd")]
    [InlineData("n_layer")]
    [InlineData("n_head")]
    [InlineData("model_type")]
    [InlineData("activation_function")]
    [InlineData("layer_norm_epsilon")]
    [InlineData("scale_attn_weights")]
    [InlineData("scale_attn_by_inverse_layer_idx")]
    [InlineData("reorder_and_upcast_attn")]
    [InlineData("tie_word_embeddings")]
    [InlineData("embd_pdrop")]
    [InlineData("attn_pdrop")]
    [InlineData("resid_pdrop")]
    public void Null_is_no_default(string field)
    {
        var json = Published();
        json[field] = null;

        Assert.Equal(field, Assert.Throws<ModelConfigException>(() => Parse(json)).Field);
    }

    [Fact]
    public void Only_the_inner_width_may_be_null_and_what_is_absent_has_its_default()
    {
        var json = Published();
        json["n_inner"] = null;
        json.Remove("scale_attn_weights");
        json.Remove("attn_pdrop");

        var config = Parse(json);

        Assert.Equal(192, config.ResolvedInnerSize);
        Assert.True(config.ScaleAttention);
        Assert.Equal(0.1, config.AttentionDropout);
    }

    [Fact]
    public void A_name_that_is_half_of_a_surrogate_pair_hides_no_other()
    {
        string text = Published().ToJsonString().Insert(1, "\"\\ud800\": 1, ");

        Assert.Equal(48, GptConfig.FromJson(JsonDocument.Parse(text).RootElement).EmbeddingSize);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"gpt2\"")]
    public void Anything_but_an_object_is_refused(string json) =>
        Assert.Throws<ModelConfigException>(() => GptConfig.FromJson(JsonDocument.Parse(json).RootElement));

    [Fact]
    public void What_it_writes_it_reads_back()
    {
        var config = new GptConfig
        {
            VocabSize = 97,
            BlockSize = 32,
            EmbeddingSize = 32,
            LayerCount = 2,
            HeadCount = 4,
            InnerSize = 72,
            Activation = GptActivation.Silu,
            LayerNormEpsilon = 1e-6,
            ScaleAttention = false,
            ScaleAttentionByInverseLayer = true,
            ReorderAndUpcastAttention = true,
            TieWordEmbeddings = false,
            EmbeddingDropout = 0.3,
            AttentionDropout = 0.2,
            ResidualDropout = 0,
        };

        Assert.Equal(config, Parse(config.ToJson()));
        Assert.Equal(new GptConfig(), Parse(new GptConfig().ToJson()));
    }

    [Theory]
    [InlineData("gpt2", 124_439_808)]
    [InlineData("openai-community/gpt2-medium", 354_823_168)]
    [InlineData("gpt2-large", 774_030_080)]
    [InlineData("gpt2-xl", 1_557_611_200)]
    public void The_published_sizes_have_their_published_numbers_of_parameters(string name, long parameters) =>
        Assert.Equal(parameters, GptConfig.ForPublished(name)!.ParameterCount);

    [Fact]
    public void Another_name_is_not_published() => Assert.Null(GptConfig.ForPublished("gpt3"));
}
