using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Importer.Mapping;
using Importer.Models.Gpt;
using SafeTensorSharp;

namespace Importer.Export;

/// <summary>config.json and generation_config.json as transformers' classes write and read them.</summary>
internal static class TransformersConfig
{
    /// <summary>GPT-2's <c>&lt;|endoftext|&gt;</c>, GPT2Config's default for the tokens that begin and end a text.</summary>
    public const int EndOfText = 50256;

    private static readonly string[] TokenFields = ["bos_token_id", "eos_token_id", "pad_token_id"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The configuration to write: the source's own with every field it has, where it is spelled as the table wants it.</summary>
    /// <param name="source">The source.</param>
    /// <param name="family">The table that is run backwards.</param>
    public static JsonObject Of(ExportSource source, string family)
    {
        var made = source.Config.ToJson();
        bool isOwn = source.Json is { } own && !IsNanoGpts(own) && !(own.ContainsKey("dim") && family != source.Family);
        var json = isOwn ? source.Json!.DeepClone().AsObject() : made.DeepClone().AsObject();
        if (!isOwn && source.Config is GptConfig gpt)
        {
            // Where there is no such token, nothing may end a text: GPT2Config's default would be out of range.
            JsonNode? end = gpt.VocabSize > EndOfText ? EndOfText : null;
            json["bos_token_id"] = end;
            json["eos_token_id"] = end?.DeepClone();
        }

        if (made["architectures"] is { } architectures)
        {
            json["architectures"] = architectures.DeepClone();
        }

        json["model_type"] = source.Config.ModelType;
        json["tie_word_embeddings"] = source.Config.TieWordEmbeddings;
        if (source.Config is GptConfig)
        {
            json.Remove("bias"); // nanoGPT's; what is written has biases
        }

        return json;
    }

    /// <summary>Sets the dtype to that of what is written, under the names by which older and newer versions look for it.</summary>
    public static void SetDType(JsonObject config, ExportPlan plan)
    {
        string dtype = ParameterDTypes.Common(plan.Rows.Select(row => row.DType)) switch
        {
            DType.F16 => "float16",
            DType.BF16 => "bfloat16",
            DType.F64 => "float64",
            _ => "float32",
        };
        if (config.ContainsKey("dtype"))
        {
            config["dtype"] = dtype;
        }

        if (config.ContainsKey("torch_dtype") || !config.ContainsKey("dtype"))
        {
            config["torch_dtype"] = dtype;
        }
    }

    /// <summary>The generation settings that transformers derives from a configuration: the tokens that begin and end a text.</summary>
    public static JsonObject Generation(JsonObject config)
    {
        var json = new JsonObject { ["_from_model_config"] = true };
        foreach (string field in TokenFields.Where(config.ContainsKey))
        {
            json[field] = config[field]?.DeepClone();
        }

        return json;
    }

    /// <summary>The file's text, its fields in order as transformers writes them.</summary>
    public static byte[] ToUtf8(JsonObject json)
    {
        var sorted = new JsonObject(json.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())));
        return [.. JsonSerializer.SerializeToUtf8Bytes(sorted, Indented), (byte)'\n'];
    }

    private static bool IsNanoGpts(JsonObject json) => json.ContainsKey("block_size") && !json.ContainsKey("n_positions") && !json.ContainsKey("n_ctx");
}
