using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CheckpointStorage;
using Importer.Models;
using Importer.Models.Gpt;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Training.Checkpoints;

/// <summary>Makes the content of checkpoints: what of a run goes into which file.</summary>
internal sealed class CheckpointSource
{
    private static readonly Dictionary<string, string> ModelMetadata = new() { ["format"] = "pt", [ModelDirectory.LayoutKey] = ModelDirectory.LinearLayout };
    private static readonly Dictionary<string, string> OptimizerMetadata = new() { ["format"] = "pt", ["optimizer"] = "adamw" };

    private readonly IReadOnlyList<CheckpointFile> _small;
    private readonly Dictionary<string, string> _configuration;

    /// <param name="model">The model whose configuration is saved.</param>
    /// <param name="tokenizer">The tokenizer's files, by name.</param>
    public CheckpointSource(PretrainedModel model, IReadOnlyDictionary<string, byte[]> tokenizer)
    {
        _small =
        [
            CheckpointFile.FromText(CheckpointNames.Config, ConfigText(model)),
            .. tokenizer.Select(file => CheckpointFile.FromBytes(file.Key, file.Value)),
        ];
        _configuration = Describe(model.Config);
    }

    /// <summary>The settings that a checkpoint is of no use without.</summary>
    public static Dictionary<string, string> Describe(ModelConfig config)
    {
        var settings = new Dictionary<string, string>
        {
            ["model_type"] = config.ModelType,
            ["n_layer"] = Text(config.LayerCount),
            ["n_head"] = Text(config.HeadCount),
            ["n_embd"] = Text(config.EmbeddingSize),
            ["block_size"] = Text(config.BlockSize),
            ["vocab_size"] = Text(config.VocabSize),
        };
        if (config is GptConfig gpt)
        {
            settings["bias"] = gpt.Bias ? "true" : "false";
        }

        return settings;

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A checkpoint of tensors that do not change until it is written.</summary>
    /// <param name="record">Everything but the tensors.</param>
    /// <param name="model">The weights.</param>
    /// <param name="optimizer">The optimizer's state.</param>
    /// <param name="metric">The validation loss at this very step; null where there is none.</param>
    public CheckpointContent Make(
        TrainerRecord record, IReadOnlyList<NamedTensor> model, IReadOnlyList<NamedTensor> optimizer, double? metric)
    {
        return new CheckpointContent
        {
            Step = record.State.Step,
            Epoch = record.State.Epoch,
            Metric = metric,
            ParentId = record.ParentId,
            Configuration = _configuration,
            Metadata = new JsonObject
            {
                ["reason"] = record.Reason,
                ["run_id"] = record.RunId,
                ["tokens_seen"] = record.State.TokensSeen,
                ["loss"] = Finite(record.State.LastLoss),
                ["best_loss"] = Finite(record.State.BestLoss),
                ["elapsed_seconds"] = Math.Round(record.State.ElapsedSeconds, 3),
            },
            Files =
            [
                CheckpointFile.From(CheckpointNames.Model, (stream, cancel) => Write(stream, model, ModelMetadata, cancel)),
                CheckpointFile.From(CheckpointNames.Optimizer, (stream, cancel) => Write(stream, optimizer, OptimizerMetadata, cancel)),
                CheckpointFile.FromBytes(CheckpointNames.Trainer, record.ToUtf8()),
                .. _small,
            ],
        };

        static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
    }

    /// <summary>Whether a checkpoint can be read by what will read it: its headers, and the tensors that they must have.</summary>
    /// <exception cref="StateMismatchException">They are not what was to be written.</exception>
    public static void Verify(CheckpointInfo checkpoint, IReadOnlyList<NamedTensor> model, IReadOnlyList<NamedTensor> optimizer)
    {
        foreach (var (name, tensors) in new[] { (CheckpointNames.Model, model), (CheckpointNames.Optimizer, optimizer) })
        {
            using var file = SafeTensorFile.Open(checkpoint.GetPath(name));
            TensorFile.Check(file, name, tensors, new StateChecks(null));
        }
    }

    private static Task Write(Stream stream, IReadOnlyList<NamedTensor> tensors, Dictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        TensorFile.Write(stream, tensors, metadata, cancellationToken);
        return Task.CompletedTask;
    }

    // The fields of the checkpoint that the model was loaded from stay, such as the tokens that end a text.
    private static string ConfigText(PretrainedModel model)
    {
        var made = model.Config.ToJson();
        var json = made;
        if (model.Origin is { } origin && JsonNode.Parse(origin.ConfigText) is JsonObject own && own.ContainsKey("model_type"))
        {
            json = own;
            foreach (var (name, value) in made)
            {
                json[name] = value?.DeepClone();
            }

            if (json.ContainsKey("n_ctx"))
            {
                json["n_ctx"] = model.Config.BlockSize;
            }
        }

        json["torch_dtype"] = "float32";
        return JsonSerializer.Serialize(json, ConfigJsonContext.Default.JsonObject) + "\n";
    }
}
