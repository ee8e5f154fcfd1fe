using System.Text.Json;
using System.Text.Json.Nodes;
using CheckpointStorage;
using Importer.IO;
using Importer.Loading;
using Importer.Mapping.Planning;
using Importer.Models;
using Importer.Sources;
using Importer.Training.Checkpoints;
using Importer.Training.NanoGpt;

namespace Importer.Training;

/// <summary>Finds out what a run begins with, and opens its directory.</summary>
internal sealed class RunFinder(TrainingOptions options, TrainingRunOptions run, RunLog log, bool readOnly)
{
    private readonly HashSet<string> _given = SettingsMerge.Given(options, run.Given);

    /// <summary>The directory's checkpoints, opened to write unless this only looks; the caller's.</summary>
    public CheckpointStore? Store { get; private set; }

    /// <summary>Called with each checkpoint that was written, to refuse it.</summary>
    public Action<CheckpointInfo>? Verifier { get; set; }

    /// <summary>Finds.</summary>
    public async Task<RunStart> FindAsync(CancellationToken cancellationToken)
    {
        var directory = RunDirectory.Inspect(options.OutDir);
        if (options.InitFrom == "auto" && directory.HasRun && IsElsewhere(directory))
        {
            log.Say($"{DisplayText.Escape(options.ResumeFrom!)} is not looked at: {DisplayText.Escape(directory.Path)} has checkpoints of its own");
            options = options with { ResumeFrom = null };
        }

        bool asked = (options.ResumeFrom ?? (object?)options.ResumeStep ?? options.ResumeEpoch) is not null;
        if (options.InitFrom == "resume" || (options.InitFrom == "auto" && (asked || directory.HasRun || directory.NanoGpt is not null)))
        {
            return await ResumeAsync(directory, cancellationToken).ConfigureAwait(false);
        }

        string init = options.InitFrom == "auto" ? options.AutoInitFrom : options.InitFrom;
        RefuseMisspelt(options.InitFrom == "auto" ? "auto_init_from" : "init_from", init);
        directory.RequireFree(options.Overwrite || options.EvalOnly);
        var start = init == "scratch" ? new RunStart { Options = options } : await PretrainedAsync(init, cancellationToken).ConfigureAwait(false);
        if (options.Data.Length == 0)
        {
            options.ValidateRun();
        }

        options.ValidateWorld(run.WorldSize);
        Open(options);
        return start;
    }

    // Before the hub is asked for a model called resum.
    private static void RefuseMisspelt(string setting, string init)
    {
        string[] words = setting == "init_from" ? ["scratch", "resume", "auto"] : ["scratch"];
        if (init.Contains('/', StringComparison.Ordinal) || words.Contains(init) || Path.Exists(init) || new NearestNames(words).To(init.ToLowerInvariant()) is not [var near, ..])
        {
            return;
        }

        throw new TrainingConfigurationException(
            [new ConfigurationProblem(setting, $"{setting} is '{init}'; it is {string.Join(", ", words)}, a model's id or a directory (is {near} meant?)")]);
    }

    private async Task<RunStart> ResumeAsync(RunDirectory directory, CancellationToken cancellationToken)
    {
        if (NanoGptFile(directory) is { } file)
        {
            return await NanoGptAsync(directory, file, cancellationToken).ConfigureAwait(false);
        }

        if (!directory.HasRun && !IsPath(options.ResumeFrom))
        {
            throw new NothingToResumeException(directory.Path);
        }

        if (IsElsewhere(directory))
        {
            directory.RequireFree(options.Overwrite || options.EvalOnly);
        }

        Open(options);
        var checkpoint = await FindCheckpointAsync(cancellationToken).ConfigureAwait(false) ?? throw new NothingToResumeException(directory.Path);
        var record = TrainerRecord.Parse(Store!.ReadAllBytes(checkpoint, CheckpointNames.Trainer), checkpoint.GetPath(CheckpointNames.Trainer));
        var config = ReadConfig(checkpoint);
        var recorded = TrainingOptions.FromJson((JsonObject)record.Options.DeepClone(), out var unknown);
        if (unknown.Count > 0)
        {
            log.Warn($"The checkpoint has settings that this version does not know: {string.Join(", ", unknown.Select(DisplayText.Escape))}");
        }

        var merged = SettingsMerge.Merge(recorded, options, _given, log);
        merged.Validate();
        merged.ValidateWorld(run.WorldSize);
        SettingsMerge.ReportForced(options, config, _given, log);
        Open(merged); // again, with the retention that the run has
        return new RunStart
        {
            Options = merged,
            Config = SettingsMerge.Adapt(config, merged),
            Checkpoint = checkpoint,
            Record = record,
            Base = record.Base,
            TokenizerDirectory = checkpoint.Directory,
        };
    }

    // auto is safe to start again: where this very command has gone back to what it names, and was saved since, the newest is meant.
    private async Task<CheckpointInfo?> FindCheckpointAsync(CancellationToken cancellationToken)
    {
        bool isNamed = (options.ResumeFrom ?? "latest", options.ResumeStep, options.ResumeEpoch) is not ("latest", null, null);
        if (options.InitFrom == "auto" && isNamed && Store!.List().FirstOrDefault(info => info.Problem is null) is { } newest && IsOfThisCommand(newest))
        {
            var latest = options with { ResumeFrom = null, ResumeStep = null, ResumeEpoch = null };
            if (await ResumeSearch.FindAsync(Store, latest, log, cancellationToken).ConfigureAwait(false) is { } found && IsOfThisCommand(found))
            {
                string named = FormattableString.Invariant($"{(object?)options.ResumeStep ?? options.ResumeEpoch}");
                named = named.Length == 0 ? DisplayText.Escape(options.ResumeFrom!) : $"{(options.ResumeStep is null ? "epoch" : "step")} {named}";
                log.Say($"{named} is not gone back to again: this command did, and came to {found.Id} (init_from resume goes back)");
                return found;
            }
        }

        return await ResumeSearch.FindAsync(Store!, options, log, cancellationToken).ConfigureAwait(false);
    }

    private bool IsOfThisCommand(CheckpointInfo checkpoint)
    {
        try
        {
            var record = TrainerRecord.Parse(Store!.ReadAllBytes(checkpoint, CheckpointNames.Trainer), checkpoint.GetPath(CheckpointNames.Trainer));
            var was = TrainingOptions.FromJson((JsonObject)record.Options.DeepClone(), out _);
            return (was.InitFrom, was.ResumeFrom, was.ResumeStep, was.ResumeEpoch) == (options.InitFrom, options.ResumeFrom, options.ResumeStep, options.ResumeEpoch);
        }
        catch (Exception e) when (e is CheckpointException or TrainingException)
        {
            return false; // whoever resumes it is told
        }
    }

    private async Task<RunStart> PretrainedAsync(string name, CancellationToken cancellationToken)
    {
        var located = await ModelLocator.LocateAsync(name, run.Hub, cancellationToken).ConfigureAwait(false);
        await WholeCheckpoint.RequireAsync(located.Path, cancellationToken).ConfigureAwait(false);
        using var model = ModelDirectory.Open(located);
        var (_, config) = ModelLoader.ReadConfig(model);
        SettingsMerge.ReportForced(options, config, _given, log);
        return new RunStart
        {
            Options = options,
            Config = SettingsMerge.Adapt(config, options),
            Pretrained = located,
            Base = new BaseWeights(located.Id ?? model.Path, located.Commit, Hash(model, cancellationToken)),
            TokenizerDirectory = model.Path,
        };
    }

    private async Task<RunStart> NanoGptAsync(RunDirectory directory, string file, CancellationToken cancellationToken)
    {
        if (!IsIn(directory.Path, file))
        {
            directory.RequireFree(options.Overwrite || options.EvalOnly);
        }

        var start = await PretrainedAsync(file, cancellationToken).ConfigureAwait(false);
        using var checkpoint = NanoGptCheckpoint.Open(file);
        options.ValidateNanoGpt(checkpoint.Step);
        options.ValidateWorld(run.WorldSize);
        Open(options);
        return start with { IsNanoGpt = true, NanoGptStep = checkpoint.Step, TokenizerDirectory = null };
    }

    private string? NanoGptFile(RunDirectory directory) => options.ResumeFrom switch
    {
        { } path when path.EndsWith(".pt", StringComparison.Ordinal) && File.Exists(path) => Path.GetFullPath(path),
        { } path when File.Exists(Path.Combine(path, CheckpointNames.NanoGpt)) => Path.GetFullPath(Path.Combine(path, CheckpointNames.NanoGpt)),
        null when !directory.HasRun => directory.NanoGpt,
        _ => null,
    };

    // Of another run, which this one only began with.
    private bool IsElsewhere(RunDirectory directory) =>
        (IsPath(options.ResumeFrom) || (options.ResumeFrom is not null && NanoGptFile(directory) is not null)) && !IsIn(directory.Path, options.ResumeFrom!);

    private static bool IsPath(string? reference) =>
        reference is not null && (reference.Contains('/', StringComparison.Ordinal) || reference.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal));

    /// <summary>Opens the directory of a run whose settings are known.</summary>
    public void Open(TrainingOptions settings)
    {
        Store?.Dispose();
        var storage = new CheckpointStoreOptions
        {
            Retention = new RetentionPolicy { KeepLast = settings.KeepLast, KeepBest = settings.KeepBest, KeepEvery = settings.KeepEvery },
            DiskCheck = readOnly ? DiskCheck.Warn : Enum.Parse<DiskCheck>(settings.DiskCheck, ignoreCase: true),
            TimeProvider = run.TimeProvider,
            Verifier = (checkpoint, _) =>
            {
                Verifier?.Invoke(checkpoint);
                return Task.CompletedTask;
            },
        };
        Store = readOnly ? CheckpointStore.OpenRead(settings.OutDir, storage) : CheckpointStore.Open(settings.OutDir, storage);
    }

    private ModelConfig ReadConfig(CheckpointInfo checkpoint)
    {
        string path = checkpoint.GetPath(CheckpointNames.Config);
        using var json = ParseConfig(Store!.ReadAllBytes(checkpoint, CheckpointNames.Config), path);
        string type = json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("model_type", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        var family = ModelFamily.Find(type) ?? throw new CheckpointContentException(path, $"its model_type is {DisplayText.Escape(type)}, which this version does not train");
        return family.ReadConfig(json.RootElement, path, type);
    }

    private static JsonDocument ParseConfig(byte[] bytes, string path)
    {
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException e)
        {
            throw new CheckpointContentException(path, DisplayText.Escape(e.Message), e);
        }
    }

    private static bool IsIn(string directory, string path) =>
        Path.GetFullPath(path).StartsWith(directory + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string Hash(ModelDirectory model, CancellationToken cancellationToken)
    {
        string[] hashes =
        [
            .. model.Weights.Files.Select(name => model.KnownSha256.TryGetValue(name, out string? known) ? known : FileHash.Sha256(model.PathOf(name), null, cancellationToken)),
        ];
        return hashes is [var only] ? only : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Convert.FromHexString(string.Concat(hashes))));
    }
}
