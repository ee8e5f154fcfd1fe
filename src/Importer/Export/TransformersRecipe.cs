using System.Text.Json.Nodes;
using Importer.Conversion;
using Importer.IO;
using Importer.Mapping;
using Importer.Models.Gpt;
using Importer.Sources;
using Importer.Transfer;
using SafeTensorSharp;

namespace Importer.Export;

/// <summary>A directory as transformers' <c>save_pretrained</c> writes it.</summary>
internal sealed class TransformersRecipe : ExportRecipe
{
    private const string GenerationName = "generation_config.json";
    private readonly JsonObject _config;
    private readonly JsonObject? _generation;

    private TransformersRecipe(ExportSource source, ExportOptions options, TensorSource parameters, JsonObject config)
        : base(source, options)
    {
        Parameters = parameters;
        _config = config;
        _generation = source.Companions.Any(path => Path.GetFileName(path) == GenerationName) ? null : TransformersConfig.Generation(config);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> FileNames =>
    [
        ImportedNames.Config, .. Source.Companions.Select(path => Path.GetFileName(path)), .. _generation is null ? (string[])[] : [GenerationName], .. WeightNames,
    ];

    /// <inheritdoc/>
    public override long BytesToWrite => Plan.BytesToWrite + Source.Companions.Sum(RegularFile.Length);

    private IEnumerable<string> WeightNames
    {
        get
        {
            int count = ShardCount();
            return count == 1
                ? [ImportedNames.Weights]
                : [.. Enumerable.Range(1, count).Select(i => ExportedNames.Shard(i, count)), ExportedNames.Index];
        }
    }

    /// <summary>Plans the export.</summary>
    public static TransformersRecipe Of(ExportSource source, ExportOptions options)
    {
        string family = FamilyFor(source);
        List<string> notes = [];
        TensorSource parameters = source.Parameters;
        if (source.Config is GptConfig { Bias: false })
        {
            var zeros = new ZeroBiasSource(parameters);
            parameters = zeros;
            notes.Add(FormattableString.Invariant(
                $"transformers has no GPT-2 without biases: {zeros.Added} of zeros are written, which change no number."));
        }

        var config = TransformersConfig.Of(source, family);
        ExportPlan plan = PlanBy(family, config, parameters, options, PrefixFor(source, family));
        TransformersConfig.SetDType(config, plan);
        if (source.Config.ModelType == "minimind")
        {
            notes.Add("transformers loads minimind only with minimind's own Python code beside it (trust_remote_code).");
        }

        notes.AddRange(TokenizerNote(source));
        return new TransformersRecipe(source, options, parameters, config) { Plan = plan, Notes = [.. notes, .. plan.Warnings] };
    }

    /// <inheritdoc/>
    public override void Write(string directory, RowStream rows, Action<long> progress, CancellationToken cancellationToken)
    {
        FlushedFile.Write(Path.Combine(directory, ImportedNames.Config), TransformersConfig.ToUtf8(_config));
        if (_generation is not null)
        {
            FlushedFile.Write(Path.Combine(directory, GenerationName), TransformersConfig.ToUtf8(_generation));
        }

        foreach (string path in Source.Companions)
        {
            FlushedFile.Copy(path, Path.Combine(directory, Path.GetFileName(path)), cancellationToken);
        }

        var metadata = new Dictionary<string, string> { ["format"] = "pt", [ExportedNames.Mark] = ImportWriter.Tool };
        SafeTensorSetWriter.Write(
            directory,
            [
                .. Plan.Rows.Select(row => SafeTensorEntry.FromWriter(row.Target, row.DType, row.Shape, output => rows.Write(row, output, cancellationToken))),
                .. Plan.Generated.Select(tensor => SafeTensorEntry.FromWriter(
                    tensor.Name, tensor.DType, tensor.Shape, output => RegenerableTensors.Write(tensor, output, cancellationToken))),
            ],
            metadata,
            new SafeTensorSetWriteOptions { MaxShardBytes = Options.MaxShardBytes },
            new ProgressRelay<SafeTensorProgress>(written => progress(written.BytesWritten)),
            cancellationToken);
    }

    private static IEnumerable<string> TokenizerNote(ExportSource source)
    {
        string[] names = [.. source.Companions.Select(path => Path.GetFileName(path))];
        if (names.Any(name => name is "tokenizer.json" or "vocab.json" or "tokenizer.model"))
        {
            yield break;
        }

        yield return names.FirstOrDefault(ExportedNames.IsCharacters) is { } characters
            ? $"{characters}, nanoGPT's characters, goes along for this library; transformers has no tokenizer of that kind."
            : source is { Family: NanoGptRecipe.Family, Config.VocabSize: > TransformersConfig.EndOfText }
                ? "No tokenizer's files are written: nanoGPT's tokenizer is GPT-2's, openai-community/gpt2 on the hub, or the one the model was trained with."
                : "The source has no tokenizer's files, so none are written.";
    }

    // The published form of the model's family; minimind has two, and a source keeps its own.
    private static string FamilyFor(ExportSource source)
    {
        string type = source.Config.ModelType;
        string[] families =
            [.. MappingCatalog.BuiltIn.Mappings.Where(mapping => mapping.ModelTypes.Contains(type) && mapping.Family != NanoGptRecipe.Family).Select(mapping => mapping.Family)];
        return families.FirstOrDefault(family => family == source.Family) ?? families.FirstOrDefault(family => family == type) ?? families[0];
    }

    // A source keeps its keys. What had none of this form gets those of save_pretrained, and so does an untied model: from keys of the model
    // without a head transformers loads none (modeling_utils.py, "The state dictionary … is corrupted").
    private static string PrefixFor(ExportSource source, string family)
    {
        string? own = source.Family == family ? Unwrapped(family, source.Prefix) : null;
        string saved = MappingCatalog.BuiltIn.Find(family)!.Table.Prefixes.MaxBy(prefix => prefix.Length)!;
        return own is null || !source.Config.TieWordEmbeddings ? saved : own;
    }

    // As SafeTensorSetWriter splits: in order, a new file when the next tensor would exceed the size.
    private int ShardCount()
    {
        int count = 1;
        long bytes = 0;
        bool isEmpty = true;
        foreach (long size in Plan.Rows.Select(row => row.ByteCount).Concat(Plan.Generated.Select(tensor => tensor.ByteCount)))
        {
            if (!isEmpty && size > Options.MaxShardBytes - bytes)
            {
                count++;
                bytes = 0;
            }

            bytes += size;
            isEmpty = false;
        }

        return count;
    }
}
