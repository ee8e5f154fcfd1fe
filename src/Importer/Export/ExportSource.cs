using System.Text.Json;
using System.Text.Json.Nodes;
using Importer.IO;
using Importer.Loading;
using Importer.Mapping;
using Importer.Models;
using Importer.Sources;
using PyTorchCheckpoints;

namespace Importer.Export;

/// <summary>What is exported, whatever it comes from: parameters under the model's own names, configuration, and what belongs to them.</summary>
internal sealed class ExportSource : IDisposable
{
    // Under which names the context stands beside the one that ToJson gives it.
    private static readonly string[] OtherContexts = ["n_ctx", "block_size", "max_seq_len"];
    private readonly ModelDirectory? _directory;

    private ExportSource(ModelDirectory? directory, TensorSource parameters)
    {
        _directory = directory;
        Parameters = parameters;
    }

    /// <summary>What messages call it: its directory, or that it is a model in memory.</summary>
    public required string Label { get; init; }

    /// <summary>The model's own name.</summary>
    public required string Name { get; init; }

    /// <summary>The directory that is read; null for a model in memory, and for one of which only the headers are here.</summary>
    public string? Path => _directory is { IsRemote: false } directory ? directory.Path : null;

    /// <summary>The model's shape and mathematics.</summary>
    public required ModelConfig Config { get; init; }

    /// <summary>The configuration as its source spells it, fields that nobody here reads included; null where there is none.</summary>
    public required JsonObject? Json { get; init; }

    /// <summary>The table that the source was read by; null for a model that was never in a file.</summary>
    public required string? Family { get; init; }

    /// <summary>What stood before the original's keys; null where nobody knows.</summary>
    public required string? Prefix { get; init; }

    /// <summary>The parameters. One thread at a time may read them.</summary>
    public TensorSource Parameters { get; }

    /// <summary>The files beside the weights that go along: full paths.</summary>
    public required IReadOnlyList<string> Companions { get; init; }

    /// <summary>The plan by which a checkpoint becomes parameters; null where they are there already.</summary>
    public LoadPlan? Plan { get; private init; }

    /// <summary>The container of <see cref="Plan"/>'s tensors.</summary>
    public TensorSource? Checkpoint => _directory?.Weights;

    /// <summary>What nanoGPT's checkpoint holds beside its model; null for any other source.</summary>
    public DictionaryValue? NanoGpt => (_directory?.Weights as PyTorchSource)?.Root is { } root && root.TryGetValue("model_args", out _) ? root : null;

    /// <summary>Takes an opened directory, which is disposed with this.</summary>
    /// <exception cref="PretrainedException">Its weights do not fit its configuration, or it is of no family that can be computed.</exception>
    public static ExportSource Of(ModelDirectory directory)
    {
        var (_, config) = ModelLoader.ReadConfig(directory);
        LoadPlan plan = directory.Plan(dtype: null);
        var origin = ModelOrigin.Of(directory, config, plan);
        return new ExportSource(directory, directory.IsImported ? directory.Weights : new ParameterSource(plan, directory.Weights))
        {
            Label = directory.Id ?? directory.Path,
            Name = directory.Name,
            Config = config,
            Json = Parse(origin.ConfigText, directory.ConfigPath),
            Family = origin.Family,
            Prefix = origin.Prefix,
            Companions = origin.Companions,
            Plan = directory.IsImported ? null : plan,
        };
    }

    /// <summary>Takes a model in memory, which stays the caller's.</summary>
    public static ExportSource Of(PretrainedModel model)
    {
        var origin = model.Origin;
        return new ExportSource(directory: null, new ModelParameterSource(model))
        {
            Label = ModelParameterSource.Label,
            Name = origin is null ? "model" : System.IO.Path.GetFileName(origin.Directory),
            Config = model.Config,
            Json = origin is null ? null : Changed(Parse(origin.ConfigText, origin.Directory), origin.Stored, model.Config),
            Family = origin?.Family,
            Prefix = origin?.Prefix,

            // It may have outlived the directory that it came from.
            Companions = [.. (origin?.Companions ?? []).Where(path => FileFacts.TryOf(path).Kind == FileKind.File)],
        };
    }

    /// <summary>Makes sure that the files are those that were there at the beginning.</summary>
    /// <exception cref="SourceChangedException">They are not.</exception>
    public void VerifyUnchanged(SourceSnapshot snapshot) => snapshot.Verify(_directory!);

    /// <summary>Closes what is open.</summary>
    public void Dispose()
    {
        Parameters.Dispose();
        _directory?.Dispose();
    }

    private static JsonObject Parse(string text, string source)
    {
        try
        {
            // Written once and read again, so that what cannot be written shows itself here.
            return JsonNode.Parse(JsonNode.Parse(text)!.ToJsonString())!.AsObject();
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException or ArgumentException) // half of a surrogate pair
        {
            throw new ModelConfigException(source, null, "a string in it is not valid Unicode", "Take the config.json that belongs to these weights.", e);
        }
    }

    // What was cropped or set when the model was loaded; every other field stays as it was written.
    private static JsonObject Changed(JsonObject json, ModelConfig stored, ModelConfig current)
    {
        JsonObject before = stored.ToJson(), after = current.ToJson();
        foreach (var (field, value) in after.Where(field => !JsonNode.DeepEquals(field.Value, before[field.Key])))
        {
            json[field] = value?.DeepClone();
        }

        if (current.BlockSize != stored.BlockSize)
        {
            foreach (string older in OtherContexts.Where(json.ContainsKey))
            {
                json[older] = current.BlockSize;
            }
        }

        return json;
    }
}
