using System.Text.Json;
using System.Text.Json.Nodes;
using Importer.Models;
using Importer.Models.GptNeo;
using Importer.Models.GptNeoX;
using Importer.Models.Llama;
using Importer.Models.Opt;
using Tests.Shared;

namespace Importer.Tests.Models;

/// <summary>What the families beside GPT-2 take from a config.json, and what they refuse.</summary>
public sealed class FamilyConfigTests
{
    private static JsonObject Published(string fixture) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Fixture(fixture), "config.json")))!.AsObject();

    private static ModelConfig Parse(JsonObject json)
    {
        var root = JsonDocument.Parse(json.ToJsonString()).RootElement;
        return (string?)json["model_type"] switch
        {
            "gpt_neo" => GptNeoConfig.FromJson(root),
            "gpt_neox" => GptNeoXConfig.FromJson(root),
            "opt" => OptConfig.FromJson(root),
            _ => LlamaConfig.FromJson(root),
        };
    }

    [Fact]
    public void Reads_Llama_with_biases_and_a_stretched_context()
    {
        var config = (LlamaConfig)Parse(Published("tiny-llama-bias-linrope"));

        Assert.Equal((130, 128, 32, 2, 4, 1, 8), (config.VocabSize, config.BlockSize, config.EmbeddingSize, config.LayerCount, config.HeadCount, config.KeyValueHeadCount, config.HeadSize));
        Assert.True(config.AttentionBias && config.HasQueryKeyValueBias && !config.MlpBias && !config.TieWordEmbeddings);
        Assert.Equal((1e-6, 30000.0), (config.NormEpsilon, config.RopeTheta));
        Assert.Equal(new LinearRopeScaling(2.5), config.RopeScaling);
    }

    [Fact]
    public void Qwen2_has_biases_whatever_its_config_says_and_no_window_unless_it_is_used()
    {
        var config = (LlamaConfig)Parse(Published("tiny-qwen2"));

        Assert.True(config.HasQueryKeyValueBias);
        Assert.False(config.AttentionBias);
        Assert.Null(config.SlidingWindow);
    }

    [Theory]
    [InlineData("tiny-minimind", LlamaDialect.MiniMind3, 0)]
    [InlineData("tiny-minimind2", LlamaDialect.MiniMind2, 0)]
    [InlineData("tiny-minimind-moe", LlamaDialect.MiniMind3, 4)]
    [InlineData("tiny-minimind-old", LlamaDialect.MiniMind2, 0)]
    [InlineData("tiny-minimind-v1", LlamaDialect.MiniMind2, 0)]
    public void Tells_the_dialects_of_minimind_apart_and_ties_their_heads(string fixture, LlamaDialect dialect, int experts)
    {
        var config = (LlamaConfig)Parse(Published(fixture));

        Assert.Equal((dialect, experts, true), (config.Dialect, config.ExpertCount, config.TieWordEmbeddings));
        Assert.Equal(dialect == LlamaDialect.MiniMind3, config.HasQueryKeyNorm);
    }

    [Fact]
    public void Computes_what_the_first_minimind_leaves_open()
    {
        var config = (LlamaConfig)Parse(Published("tiny-minimind-v1"));

        Assert.Equal((96, 10_000.0, 3), (config.InnerSize, config.RopeTheta, config.KeyValueHeadCount));
    }

    [Fact]
    public void Reads_the_layers_of_GPT_Neo()
    {
        var config = (GptNeoConfig)Parse(Published("tiny-gpt-neo"));

        Assert.Equal([false, true, false, true], Enumerable.Range(0, 4).Select(config.IsLocal));
        Assert.Equal((6, 96), (config.WindowSize, config.ResolvedInnerSize));
    }

    [Fact]
    public void Reads_rotary_settings_of_GPT_NeoX_in_old_and_new_spelling()
    {
        var json = Published("tiny-gpt-neox");
        var config = (GptNeoXConfig)Parse(json);
        json.Remove("rotary_pct");
        json.Remove("rotary_emb_base");
        json["rope_parameters"] = JsonNode.Parse("""{"rope_type": "default", "rope_theta": 25000, "partial_rotary_factor": 0.5}""");

        Assert.Equal((0.5, 25000.0, 4), (config.RotaryPart, config.RopeTheta, config.RotarySize));
        Assert.Equal(config, Parse(json));
    }

    [Fact]
    public void Reads_the_two_forms_of_OPT_and_takes_what_is_not_said_from_transformers()
    {
        var before = (OptConfig)Parse(Published("tiny-opt"));
        var after = (OptConfig)Parse(Published("tiny-opt-350m-style"));
        var json = Published("tiny-opt");
        foreach (string field in new[] { "_remove_final_layer_norm", "activation_function", "attention_dropout", "do_layer_norm_before", "dropout", "enable_bias", "layer_norm_elementwise_affine", "word_embed_proj_dim" })
        {
            json.Remove(field);
        }

        Assert.Equal((true, true, false, 32, 64), (before.LayerNormBefore, before.HasFinalLayerNorm, before.HasProjections, before.ResolvedWordEmbeddingSize, before.BlockSize));
        Assert.Equal((false, false, true, 32, 48), (after.LayerNormBefore, after.HasFinalLayerNorm, after.HasProjections, after.ResolvedWordEmbeddingSize, after.EmbeddingSize));
        Assert.Equal(before with { WordEmbeddingSize = null, ResidualDropout = 0.1 }, Parse(json));
    }

    [Theory]
    [InlineData("tiny-opt", "activation_function", "\"gelu_fast\"")]
    [InlineData("tiny-opt", "do_layer_norm_before", "\"yes\"")]
    [InlineData("tiny-opt", "_remove_final_layer_norm", "null")]
    [InlineData("tiny-opt", "enable_bias", "0")]
    [InlineData("tiny-opt", "layer_norm_elementwise_affine", "1")]
    [InlineData("tiny-opt", "word_embed_proj_dim", "0")]
    [InlineData("tiny-opt", "word_embed_proj_dim", "16777216")]
    [InlineData("tiny-opt", "ffn_dim", "null")]
    [InlineData("tiny-opt", "num_attention_heads", "5")]
    [InlineData("tiny-opt", "max_position_embeddings", "2147483647")]
    [InlineData("tiny-opt", "dropout", "1.5")]
    [InlineData("tiny-opt", "attention_dropout", "-1")]
    [InlineData("tiny-opt", "quantization_config", "{\"bits\": 4}")]
    [InlineData("tiny-llama", "hidden_act", "\"gelu\"")]
    [InlineData("tiny-llama", "rope_scaling", "{\"type\": \"yarn\", \"factor\": 4.0}", "rope_scaling.rope_type")]
    [InlineData("tiny-llama", "rope_scaling", "{\"type\": \"dynamic\", \"factor\": 4.0}", "rope_scaling.rope_type")]
    [InlineData("tiny-llama", "rope_scaling", "{\"type\": \"linear\"}", "rope_scaling.factor")]
    [InlineData("tiny-llama", "rope_scaling", "{\"type\": \"linear\", \"factor\": 0}", "rope_scaling.factor")]
    [InlineData("tiny-llama", "rope_scaling", "2")]
    [InlineData("tiny-llama", "rope_parameters", "{\"rope_type\": \"longrope\"}", "rope_parameters.rope_type")]
    [InlineData("tiny-llama", "partial_rotary_factor", "0.5")]
    [InlineData("tiny-llama", "rope_interleaved", "true")]
    [InlineData("tiny-llama", "quantization_config", "{\"bits\": 4}")]
    [InlineData("tiny-llama", "num_key_value_heads", "4")]
    [InlineData("tiny-llama", "num_key_value_heads", "0")]
    [InlineData("tiny-llama", "head_dim", "7")]
    [InlineData("tiny-llama", "hidden_size", "37", "num_attention_heads")]
    [InlineData("tiny-llama", "rms_norm_eps", "\"1e-5\"")]
    [InlineData("tiny-llama", "rope_theta", "0")]
    [InlineData("tiny-llama", "tie_word_embeddings", "\"no\"")]
    [InlineData("tiny-llama", "model_type", "\"gpt2\"")]
    [InlineData("tiny-llama", "model_type", "\"bloom\"")]
    [InlineData("tiny-llama", "model_type", "null")]
    [InlineData("tiny-llama", "intermediate_size", "null")]
    [InlineData("tiny-qwen2", "use_sliding_window", "true")]
    [InlineData("tiny-minimind-qwen3", "layer_types", "[\"full_attention\", \"sliding_attention\"]")]
    [InlineData("tiny-mistral", "sliding_window", "0")]
    [InlineData("tiny-minimind", "inference_rope_scaling", "true")]
    [InlineData("tiny-minimind2", "use_moe", "true")]
    [InlineData("tiny-minimind-old", "use_moe", "true")]
    [InlineData("tiny-minimind-moe", "num_experts_per_tok", "5")]
    [InlineData("tiny-minimind2", "rms_norm_eps", "null")]
    [InlineData("tiny-gpt-neo", "attention_layers", "[\"global\", \"local\", \"local\", \"global\"]")]
    [InlineData("tiny-gpt-neo", "attention_types", "[[[\"global\", \"sparse\"], 2]]")]
    [InlineData("tiny-gpt-neo", "attention_types", "[[[\"global\", \"local\"], 1000000000]]")]
    [InlineData("tiny-gpt-neo", "attention_types", "[\"global\"]")]
    [InlineData("tiny-gpt-neo", "num_layers", "3", "attention_layers")]
    [InlineData("tiny-gpt-neo", "num_heads", "5")]
    [InlineData("tiny-gpt-neo", "activation_function", "\"gelu_fast\"")]
    [InlineData("tiny-gpt-neox", "rotary_pct", "0.4")]
    [InlineData("tiny-gpt-neox", "rotary_pct", "1.5")]
    [InlineData("tiny-gpt-neox", "rope_theta", "10000", "rotary_emb_base")]
    [InlineData("tiny-gpt-neox", "hidden_act", "\"gelu_fast\"")]
    [InlineData("tiny-gpt-neox", "use_parallel_residual", "1")]
    public void A_value_that_it_cannot_compute_is_refused_by_name(string fixture, string field, string value, string? named = null)
    {
        var json = Published(fixture);
        json[field] = JsonNode.Parse(value);

        var error = Assert.Throws<ModelConfigException>(() => Parse(json));

        Assert.Equal(named ?? field, error.Field);
    }

    [Theory]
    [InlineData("tiny-llama")]
    [InlineData("tiny-llama-bias-linrope")]
    [InlineData("tiny-mistral")]
    [InlineData("tiny-qwen2-tied")]
    [InlineData("tiny-minimind-qwen3")]
    [InlineData("tiny-minimind")]
    [InlineData("tiny-minimind2")]
    [InlineData("tiny-minimind-moe")]
    [InlineData("tiny-minimind-old")]
    [InlineData("tiny-gpt-neox")]
    [InlineData("tiny-gpt-neox-seq")]
    [InlineData("tiny-gpt-neo")]
    [InlineData("tiny-opt")]
    [InlineData("tiny-opt-350m-style")]
    public void What_it_writes_it_reads_back(string fixture)
    {
        var config = Parse(Published(fixture));

        Assert.Equal(config.ToJson().ToJsonString(), Parse(config.ToJson()).ToJson().ToJsonString());
        if (config is not GptNeoConfig) // its list of layers is compared by reference
        {
            // What was null may be written resolved.
            Assert.Equal(config.ParameterCount, Parse(config.ToJson()).ParameterCount);
        }
    }

    public static TheoryData<string, long> PublishedSizes => new()
    {
        // model_type | config.json's sizes: vocabulary, width, blocks, heads, key-value heads, inner width, tied | parameters as published
        { "llama 49152 576 30 9 3 1536 true", 134_515_008 },
        { "llama 49152 960 32 15 5 2560 true", 361_821_120 },
        { "llama 128256 2048 16 32 8 8192 true", 1_235_814_400 },
        { "llama 32000 2048 22 32 4 5632 false", 1_100_048_384 },
        { "qwen2 151936 896 24 14 2 4864 true", 494_032_768 },
        { "minimind 6400 512 8 8 2 1408 true", 25_829_888 },
        { "minimind 6400 768 16 8 2 2048 true", 104_030_976 },
        { "minimind3 6400 768 8 8 4 2432 true", 63_912_192 },
        { "minimind3moe 6400 768 8 8 4 2432 true", 198_416_640 },
    };

    [Theory]
    [MemberData(nameof(PublishedSizes))]
    public void The_published_models_have_their_published_numbers_of_parameters(string sizes, long parameters)
    {
        string[] part = sizes.Split(' ');
        int[] number = [.. part[1..7].Select(int.Parse)];
        var config = new LlamaConfig
        {
            Dialect = part[0] switch { "llama" => LlamaDialect.Llama, "qwen2" => LlamaDialect.Qwen2, "minimind" => LlamaDialect.MiniMind2, _ => LlamaDialect.MiniMind3 },
            VocabSize = number[0],
            EmbeddingSize = number[1],
            LayerCount = number[2],
            HeadCount = number[3],
            KeyValueHeads = number[4],
            InnerSize = number[5],
            ExpertCount = part[0] == "minimind3moe" ? 4 : 0,
            TieWordEmbeddings = bool.Parse(part[7]),
        };

        config.Validate();
        Assert.Equal(parameters, config.ParameterCount);
    }

    [Fact]
    public void GPT_Neo_has_its_published_numbers_of_parameters()
    {
        Assert.Equal(1_315_575_808, new GptNeoConfig().ParameterCount);
        Assert.Equal(125_198_592, new GptNeoConfig { LayerCount = 12, HeadCount = 12, EmbeddingSize = 768 }.ParameterCount);
    }

    [Fact]
    public void OPT_has_its_published_numbers_of_parameters()
    {
        Assert.Equal(125_239_296, new OptConfig().ParameterCount);
        Assert.Equal(
            331_196_416,
            new OptConfig { LayerCount = 24, HeadCount = 16, EmbeddingSize = 1024, InnerSize = 4096, WordEmbeddingSize = 512, LayerNormBefore = false }.ParameterCount);
    }

    [Fact]
    public void Llama3_keeps_short_waves_stretches_long_ones_and_goes_between_evenly()
    {
        var scaling = new Llama3RopeScaling(32, 1, 4, 8192);
        float Wave(double length) => (float)(2 * Math.PI / length);

        Assert.Equal(Wave(100), scaling.Apply(Wave(100)));
        Assert.Equal(Wave(10_000) / 32, scaling.Apply(Wave(10_000)), 1e-9);

        // 8192 / 4096 = 2 lies a third of the way from 1 to 4.
        Assert.Equal((2.0 / 3 / 32 + 1.0 / 3) * Wave(4096), scaling.Apply(Wave(4096)), 1e-9);
        Assert.Equal(scaling.Apply(Wave(2047.99)), scaling.Apply(Wave(2048.01)), 1e-7);
        Assert.Equal(scaling.Apply(Wave(8191.99)), scaling.Apply(Wave(8192.01)), 1e-8);
    }
}
