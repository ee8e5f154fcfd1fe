namespace HuggingFace.Hub.Client;

/// <summary>
/// Chooses the files that a model needs, in transformers' order (<c>_get_resolved_checkpoint_files</c>): <c>model.safetensors</c>, its
/// index, <c>pytorch_model.bin</c>, its index; with config, generation config and tokenizer.
/// </summary>
internal sealed class ModelSelector(HubModelOptions options, PathRules rules) : IFileSelector
{
    private const string ConfigName = "config.json";
    private const string GenerationConfigName = "generation_config.json";

    private static readonly string[] TokenizerNames =
    [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt",
        "tokenizer.model", "spiece.model", "chat_template.jinja", "chat_template.json",
    ];

    /// <summary>What was chosen; null before <see cref="SelectAsync"/>.</summary>
    public ModelChoice? Choice { get; private set; }

    public async Task<IReadOnlyList<string>> SelectAsync(
        IReadOnlyList<string> paths, Func<string, CancellationToken, Task<byte[]>> read, HubErrorContext context,
        CancellationToken cancellationToken)
    {
        string folder = Folder();
        string[] visible = [.. paths.Where(path => PathPattern.Selects(path, null, options.Exclude))];
        var present = new HashSet<string>(visible, StringComparer.Ordinal);
        string? Find(string name) => present.Contains(folder + name) ? folder + name : null;

        var missing = new List<string>();
        string? config = Find(ConfigName);
        if (config is null)
        {
            missing.Add(folder + ConfigName);
        }

        (HubWeightFormat Format, string? Single, string? Index)? weights = FindWeights(Find);
        if (weights is null)
        {
            missing.AddRange(Candidates(options.Variant).Select(candidate => folder + candidate.Name));
        }

        if (config is null || weights is not var (format, single, index))
        {
            throw Absent(context, missing, Find, paths, present);
        }

        IReadOnlyList<string> shards = single is not null
            ? [single]
            : [.. WeightIndex.ReadShards(await read(index!, cancellationToken).ConfigureAwait(false), index!, rules, context).Select(
                name => folder + name)];
        if (shards.Where(shard => !present.Contains(shard)).ToArray() is { Length: > 0 } absent)
        {
            throw Absent(context, absent, Find, paths, present);
        }

        Choice = new ModelChoice
        {
            Subfolder = folder.Length == 0 ? null : folder.TrimEnd('/'),
            Config = config,
            GenerationConfig = Find(GenerationConfigName),
            Format = format,
            Index = index,
            Weights = shards,
            Tokenizer = [.. TokenizerNames.Select(Find).OfType<string>()],
            Others = options.Include is { } include ? [.. visible.Where(path => PathPattern.MatchesAny(path, include))] : [],
        };
        return Choice.All;
    }

    private string Folder()
    {
        if (string.IsNullOrEmpty(options.Subfolder))
        {
            return "";
        }

        string folder = options.Subfolder.TrimEnd('/');
        RepoPath.Check(folder, rules, "the subfolder asked for", fromServer: false);
        return folder + "/";
    }

    private (HubWeightFormat Format, string? Single, string? Index)? FindWeights(Func<string, string?> find)
    {
        foreach ((string name, HubWeightFormat format, bool isIndex) in Candidates(options.Variant))
        {
            if (find(name) is { } path)
            {
                return (format, isIndex ? null : path, isIndex ? path : null);
            }
        }

        return null;
    }

    private IEnumerable<(string Name, HubWeightFormat Format, bool IsIndex)> Candidates(string? variant)
    {
        // The variant goes before the last extension: model.fp16.safetensors, model.safetensors.index.fp16.json.
        string infix = string.IsNullOrEmpty(variant) ? "" : "." + variant;
        if (options.Weights != HubWeightFormat.PyTorch)
        {
            yield return ($"model{infix}.safetensors", HubWeightFormat.Safetensors, false);
            yield return ($"model.safetensors.index{infix}.json", HubWeightFormat.Safetensors, true);
        }

        if (options.Weights != HubWeightFormat.Safetensors)
        {
            yield return ($"pytorch_model{infix}.bin", HubWeightFormat.PyTorch, false);
            yield return ($"pytorch_model.bin.index{infix}.json", HubWeightFormat.PyTorch, true);
        }
    }

    private HubEntryNotFoundException Absent(
        HubErrorContext context, IReadOnlyList<string> missing, Func<string, string?> find, IReadOnlyList<string> all, HashSet<string> present)
    {
        string names = string.Join(", ", missing.Select(name => $"'{Redaction.Escape(name)}'"));
        string[] plain = [.. Candidates(null).Select(candidate => find(candidate.Name)).OfType<string>()];
        string[] foreign = [.. present.Where(IsOtherWeights).Order(StringComparer.Ordinal).Take(5)];
        string? hidden = missing.FirstOrDefault(name => all.Contains(name, StringComparer.Ordinal));
        string? elsewhere = missing is [var config] && config.EndsWith(ConfigName, StringComparison.Ordinal)
            ? present.Where(path => path.EndsWith("/" + ConfigName, StringComparison.Ordinal)).Order(StringComparer.Ordinal).FirstOrDefault()
            : null;
        string remedy = (options.Variant, plain, foreign) switch
        {
            _ when hidden is not null => $"The repository has '{Redaction.Escape(hidden)}', but an exclude pattern hides it.",
            _ when elsewhere is not null =>
                $"There is '{Redaction.Escape(elsewhere)}': name its directory as the subfolder to get that model.",
            _ when missing is [var only] && only.EndsWith(ConfigName, StringComparison.Ordinal) =>
                "Without it nobody can tell what model the weights are: choose another repository, or download single files.",
            ({ Length: > 0 }, { Length: > 0 }, _) =>
                $"There is '{plain[0]}' without the variant '{Redaction.Escape(options.Variant!)}': leave the variant out to get that.",
            (_, _, { Length: > 0 }) =>
                $"The repository has other weights: {string.Join(", ", foreign.Select(name => $"'{Redaction.Escape(name)}'"))}.",
            _ => "Check the repository's file list, the subfolder and the exclude patterns.",
        };
        return new HubEntryNotFoundException(context, null, missing, $"{context.Subject} lacks files that a model needs: {names}.", remedy);
    }

    private static bool IsOtherWeights(string path) =>
        Path.GetExtension(path) is ".safetensors" or ".bin" or ".h5" or ".msgpack" or ".gguf" or ".onnx" or ".pt" or ".pth" or ".ckpt" or ".ot";
}
