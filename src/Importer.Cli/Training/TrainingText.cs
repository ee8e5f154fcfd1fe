using System.Globalization;
using System.Text;
using Importer.Cli.Output;
using Importer.Training;

namespace Importer.Cli.Commands;

/// <summary>Plans and results of runs as people read them.</summary>
internal static class TrainingText
{
    /// <summary>What a run will do and need.</summary>
    public static string Plan(TrainingPlan plan)
    {
        var text = new StringBuilder();
        Line("start", TerminalText.Line(plan.Start));
        Line("model", $"{Units.Parameters(plan.Parameters)} parameters, context {plan.BlockSize}");
        Line("data", Invariant($"{plan.TrainTokens:N0} tokens to train on, {plan.ValTokens:N0} to evaluate on"));
        Line("updates", Invariant($"{plan.StepsLeft:N0}{(plan.FirstStep > 0 ? $" more, {plan.FirstStep:N0} are done" : "")}, {plan.TokensPerStep:N0} tokens each{(plan.Epochs is { } epochs ? $" ({epochs:0.##} epochs in all)" : "")}"));
        Line("checkpoints", Invariant($"{plan.Saves:N0} of {Units.Bytes(plan.CheckpointBytes)}, at most {plan.Disk.Checkpoints} at once"));
        Line("disk", $"{Units.Bytes(plan.Disk.RequiredBytes)} needed, {(plan.Disk.AvailableBytes is { } free ? Units.Bytes(free) : "nobody knows how much is")} free");
        Line("a crash costs", Invariant($"at most {plan.StepsAtRisk:N0} updates{(plan.TimeAtRisk is { } time ? $", {Units.Time(time)}" : "")}"));
        return text.ToString();

        void Line(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"{name,-14}{value}{Environment.NewLine}");
    }

    /// <summary>How a run ended, and how it goes on.</summary>
    public static string Result(TrainingRunResult result, TrainingOptions options, IReadOnlyList<string> arguments)
    {
        var text = new StringBuilder();
        text.AppendLine(Invariant($"{Word(result.End)}: {result.Step:N0} updates{Loss("loss", result.LastLoss)}{Loss("best validation loss", result.BestLoss)}"));
        if (result.Checkpoint is { } checkpoint)
        {
            text.AppendLine($"checkpoint: {TerminalText.Line(checkpoint.Directory)}");
        }

        if (result.CanGoOn)
        {
            text.AppendLine($"To go on: {CommandToGoOn(options, arguments)}");
        }
        else if (result.Checkpoint is not null)
        {
            text.AppendLine($"To sample: import-weights generate {Quote(options.OutDir)} --prompt \"...\"");
        }

        return text.ToString();

        static string Loss(string name, double? value) => value is { } loss ? Invariant($", {name} {loss:0.0000}") : "";
    }

    /// <summary>What there is of a run that failed, and how it goes on.</summary>
    public static string Saved(TrainingRunResult result, TrainingOptions options, IReadOnlyList<string> arguments)
    {
        if (result.Checkpoint is not { } checkpoint)
        {
            return $"Nothing was saved.{Environment.NewLine}";
        }

        string what = checkpoint.Step == result.Step
            ? "What was trained is saved"
            : Invariant($"{result.Step:N0} updates were made, and {checkpoint.Step:N0} are saved");
        return $"{what}: {TerminalText.Line(checkpoint.Directory)}{Environment.NewLine}To go on: {CommandToGoOn(options, arguments)}{Environment.NewLine}";
    }

    /// <summary>The command line that goes on with the run, exactly: the same arguments, resumed.</summary>
    public static string CommandToGoOn(TrainingOptions options, IReadOnlyList<string> arguments)
    {
        string[] resume = options.InitFrom is "auto" or "resume" ? [] : ["--init_from=resume"];
        string[] outDir = arguments.Count > 0 ? [] : [$"--out_dir={options.OutDir}"];
        // Both are for beginnings: the one would take the run back to where it began, and what is later wins.
        string[] latest = (options.ResumeFrom ?? (object?)options.ResumeStep ?? options.ResumeEpoch) is null or "latest" ? [] : ["--resume_from=latest"];
        string[] overwrite = options.Overwrite ? ["--overwrite=false"] : [];
        return $"import-weights train {string.Join(' ', arguments.Concat([.. resume, .. latest, .. overwrite, .. outDir]).Select(Quote))}";
    }

    private static string Word(TrainingRunEnd end) => end switch
    {
        TrainingRunEnd.Completed => "completed",
        TrainingRunEnd.EarlyStopped => "stopped early",
        TrainingRunEnd.EpochsReached => "stopped after the epochs asked for",
        TrainingRunEnd.TimeReached => "stopped after the time asked for",
        TrainingRunEnd.Evaluated => "evaluated",
        TrainingRunEnd.Interrupted => "interrupted",
        _ => "stopped",
    };

    private static string Quote(string argument) => argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_=./:,+@%".Contains(c, StringComparison.Ordinal))
        ? argument
        : $"'{TerminalText.Line(argument).Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
