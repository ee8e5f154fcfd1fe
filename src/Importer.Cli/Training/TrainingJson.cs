using System.Text.Json.Nodes;
using Importer.Cli.Output;
using Importer.Training;

namespace Importer.Cli.Commands;

/// <summary>Plans and results of runs as programs read them.</summary>
internal static class TrainingJson
{
    public static string Plan(TrainingPlan plan) => JsonOutput.Render(new JsonObject
    {
        ["start"] = plan.Start,
        ["parameters"] = plan.Parameters,
        ["block_size"] = plan.BlockSize,
        ["train_tokens"] = plan.TrainTokens,
        ["val_tokens"] = plan.ValTokens,
        ["windows_per_epoch"] = plan.WindowsPerEpoch,
        ["first_step"] = plan.FirstStep,
        ["total_steps"] = plan.TotalSteps,
        ["world_size"] = plan.WorldSize,
        ["tokens_per_step"] = plan.TokensPerStep,
        ["epochs"] = plan.Epochs,
        ["checkpoint_bytes"] = plan.CheckpointBytes,
        ["saves"] = plan.Saves,
        ["checkpoints_at_once"] = plan.Disk.Checkpoints,
        ["disk_required"] = plan.Disk.RequiredBytes,
        ["disk_available"] = plan.Disk.AvailableBytes,
        ["steps_at_risk"] = plan.StepsAtRisk,
        ["seconds_at_risk"] = plan.TimeAtRisk?.TotalSeconds,
        ["saves_only_better"] = plan.SavesOnlyBetter,
    });

    public static string Result(TrainingRunResult result) => JsonOutput.Render(new JsonObject
    {
        ["end"] = System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(result.End.ToString()),
        ["step"] = result.Step,
        ["checkpoint"] = result.Checkpoint?.Id,
        ["directory"] = result.Checkpoint?.Directory,
        ["loss"] = Finite(result.LastLoss),
        ["best_loss"] = Finite(result.BestLoss),
        ["losses"] = new JsonObject([.. result.Losses.Select(item => KeyValuePair.Create(item.Key, (JsonNode?)Finite(item.Value)))]),
        ["can_go_on"] = result.CanGoOn,
        ["seconds"] = Math.Round(result.Elapsed.TotalSeconds, 3),
        ["save_seconds"] = Math.Round(result.SaveTime.TotalSeconds, 3),
    });

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
