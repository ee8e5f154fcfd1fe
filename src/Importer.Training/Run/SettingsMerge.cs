using System.Globalization;
using Importer.Models;
using Importer.Training.Checkpoints;

namespace Importer.Training;

/// <summary>The settings of a run that goes on: the checkpoint's, and over them what was given now.</summary>
internal static class SettingsMerge
{
    // What is a process's own, or says how to begin: never the checkpoint's.
    private static readonly HashSet<string> OfProcess =
    [
        "init_from", "auto_init_from", "out_dir", "overwrite", "stop_after_epochs", "max_minutes", "eval_only", "resume_from", "resume_step", "resume_epoch",
        "strict", "allow_data_change", "lr_schedule_on_extend", "device",
    ];

    // What the model has already.
    private static readonly string[] OfModel = ["n_layer", "n_head", "n_embd", "bias", "vocab_size", "block_size"];

    /// <summary>The names of the settings that were given.</summary>
    public static HashSet<string> Given(TrainingOptions options, IReadOnlyCollection<string>? named) =>
        named is null ? [.. TrainingOptions.Differences(new TrainingOptions(), options).Select(difference => difference.Name)] : [.. named];

    /// <summary>Puts what was given over what was recorded, and says what that changes.</summary>
    public static TrainingOptions Merge(TrainingOptions recorded, TrainingOptions now, HashSet<string> given, RunLog log)
    {
        var merged = recorded with { };
        foreach (var setting in Setting.All.Where(setting => OfProcess.Contains(setting.Name) || given.Contains(setting.Name)))
        {
            setting.Set(merged, setting.Get(now));
        }

        // The two ways to say how long: what is given now decides.
        if (given.Contains("max_iters") && now.MaxIters is not null && !given.Contains("epochs"))
        {
            merged = merged with { Epochs = null };
        }
        else if (given.Contains("epochs") && now.Epochs is not null && !given.Contains("max_iters"))
        {
            merged = merged with { MaxIters = null };
        }

        foreach (var difference in TrainingOptions.Differences(recorded, merged).Where(difference => !OfProcess.Contains(difference.Name) && !OfModel.Contains(difference.Name)))
        {
            log.Warn($"{difference}, other than in the checkpoint");
        }

        return merged;
    }

    /// <summary>Says where the settings that are the model's own were given otherwise; the checkpoint's are used.</summary>
    public static void ReportForced(TrainingOptions options, ModelConfig config, HashSet<string> given, RunLog log)
    {
        var has = CheckpointSource.Describe(config);
        foreach (string name in OfModel)
        {
            string? asked = given.Contains(name) ? Text(Setting.ByName[name].Get(options)) : null;
            // A smaller block size is no contradiction: it crops.
            if (asked is not null && has.TryGetValue(name, out string? forced) && asked != forced && !(name == "block_size" && options.BlockSize < config.BlockSize))
            {
                log.Warn($"{name}: {asked} was given, and the checkpoint's {forced} is used, because the weights have it");
            }
        }

        static string? Text(object? value) => value is bool truth ? (truth ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : null;
    }

    /// <summary>The configuration with the dropout and the block size that were asked for.</summary>
    public static ModelConfig Adapt(ModelConfig config, TrainingOptions options) =>
        (config with { BlockSize = Math.Min(config.BlockSize, options.BlockSize ?? config.BlockSize) }).WithOneDropout(options.Dropout);
}
