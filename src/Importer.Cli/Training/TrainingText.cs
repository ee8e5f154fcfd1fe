using System.Globalization;
using System.Text;
using Importer.Cli.Output;
using Importer.Training;

namespace Importer.Cli.Commands;

/// <summary>Plans and results of runs as people read them.</summary>
internal static class TrainingText
{
    // What a setting that is true or false may be followed by.
    private static readonly HashSet<string> Truths = new(["true", "1", "yes", "on", "false", "0", "no", "off"], StringComparer.OrdinalIgnoreCase);

    /// <summary>What a run will do and need.</summary>
    public static string Plan(TrainingPlan plan)
    {
        var text = new StringBuilder();
        Line("start", TerminalText.Line(plan.Start));
        Line("model", $"{Units.Parameters(plan.Parameters)} parameters, context {plan.BlockSize}");
        Line("data", Invariant($"{plan.TrainTokens:N0} tokens to train on, {plan.ValTokens:N0} to evaluate on"));
        Line("updates", Invariant($"{plan.StepsLeft:N0}{(plan.FirstStep > 0 ? $" more, {plan.FirstStep:N0} are done" : "")}, {plan.TokensPerStep:N0} tokens each{(plan.Epochs is { } epochs ? $" ({epochs:0.##} epochs in all)" : "")}"));
        if (plan.WorldSize > 1)
        {
            Line("processes", Invariant($"{plan.WorldSize}, {plan.WindowsPerStep / plan.WorldSize:N0} windows of each update in each"));
        }

        Line("checkpoints", Invariant($"{(plan.SavesOnlyBetter ? "up to " : "")}{plan.Saves:N0} of {Units.Bytes(plan.CheckpointBytes)}, at most {plan.Disk.Checkpoints} at once"));
        Line("disk", $"{Units.Bytes(plan.Disk.RequiredBytes)} needed, {(plan.Disk.AvailableBytes is { } free ? Units.Bytes(free) : "nobody knows how much is")} free");
        Line("a crash costs", Invariant($"at most {plan.StepsAtRisk:N0} updates{(plan.TimeAtRisk is { } time ? $", {Units.Time(time)}" : "")}{(plan.SavesOnlyBetter ? " (saved only where the validation loss falls; --save-interval bounds that)" : "")}"));
        return text.ToString();

        void Line(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"{name,-14}{value}{Environment.NewLine}");
    }

    /// <summary>How a run ended, and how it goes on.</summary>
    /// <param name="result">How it ended.</param>
    /// <param name="options">The run's settings.</param>
    /// <param name="invocation">How the process was started.</param>
    public static string Result(TrainingRunResult result, TrainingOptions options, Invocation invocation)
    {
        var text = new StringBuilder();
        text.AppendLine(result.End == TrainingRunEnd.Evaluated
            ? Invariant($"evaluated: after {result.Step:N0} updates{string.Concat(result.Losses.Select(item => Loss($"{item.Key} loss", item.Value)))}")
            : Invariant($"{Word(result.End)}: {result.Step:N0} updates{Loss("loss", result.LastLoss)}{Loss("best validation loss", result.BestLoss)}"));
        if (result.Checkpoint is { } checkpoint)
        {
            text.AppendLine($"checkpoint: {TerminalText.Line(checkpoint.Directory)}");
        }
        else if (result.End is not (TrainingRunEnd.Completed or TrainingRunEnd.Evaluated))
        {
            text.AppendLine("Nothing was saved, because no update was made: the same command begins again.");
        }

        if (result.CanGoOn)
        {
            text.AppendLine(ToGoOn(options, invocation));
        }
        else if (result.Checkpoint is not null)
        {
            text.AppendLine($"To sample: {Quote(invocation.Program)} generate {Quote(options.OutDir)} --prompt \"...\"");
        }

        return text.ToString();

        static string Loss(string name, double? value) => value is { } loss ? Invariant($", {name} {loss:0.0000}") : "";
    }

    /// <summary>What there is of a run that failed, and how it goes on.</summary>
    /// <param name="result">How it ended.</param>
    /// <param name="options">The run's settings.</param>
    /// <param name="invocation">How the process was started.</param>
    public static string Saved(TrainingRunResult result, TrainingOptions options, Invocation invocation)
    {
        if (result.Checkpoint is not { } checkpoint)
        {
            return $"Nothing was saved.{Environment.NewLine}";
        }

        string what = checkpoint.Step == result.Step
            ? "What was trained is saved"
            : Invariant($"{result.Step:N0} updates were made, and {checkpoint.Step:N0} are saved");
        return $"{what}: {TerminalText.Line(checkpoint.Directory)}{Environment.NewLine}{ToGoOn(options, invocation)}{Environment.NewLine}";
    }

    // What a person copies must start as many processes as there were.
    private static string ToGoOn(TrainingOptions options, Invocation invocation)
    {
        string command = invocation.Launcher + CommandToGoOn(options, invocation.Arguments, invocation.Program);
        return invocation.Processes == 1
            ? $"To go on: {command}"
            : Invariant($"To go on, start the {invocation.Processes} processes as these were started, each with: {command}");
    }

    /// <summary>The command line that goes on with the run, exactly: the same arguments, resumed from what it saved.</summary>
    /// <param name="options">The run's settings.</param>
    /// <param name="arguments">Those of the process.</param>
    /// <param name="program">What the program was called by.</param>
    public static string CommandToGoOn(TrainingOptions options, IReadOnlyList<string> arguments, string program)
    {
        var command = Beginning(arguments).ToList();
        command.Add($"--init_from={(options.InitFrom == "auto" ? "auto" : "resume")}");

        // What this process went on from is not what it came to.
        if ((options.ResumeFrom ?? (object?)options.ResumeStep ?? options.ResumeEpoch) is not (null or "latest"))
        {
            command.Add("--resume_from=latest");
        }

        return $"{Quote(program)} train {string.Join(' ', command.Select(Quote))}";
    }

    // What says how to begin does not say how to go on; what is left are the arguments as they were.
    private static IEnumerable<string> Beginning(IReadOnlyList<string> arguments)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i], name = NameOf(argument);
            bool takesNext = !argument.Contains('=', StringComparison.Ordinal) && i + 1 < arguments.Count;
            if (name is "overwrite" or "overwrite_output_dir")
            {
                i += takesNext && Truths.Contains(arguments[i + 1]) ? 1 : 0;
            }
            else if (name is "init_from" or "resume_from" or "resume_step" or "resume_epoch")
            {
                i += takesNext && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal) ? 1 : 0;
            }
            else
            {
                yield return argument;
            }
        }
    }

    private static string NameOf(string argument) => argument.StartsWith("--", StringComparison.Ordinal)
        ? argument.Split('=')[0].TrimStart('-').Replace('-', '_').ToLowerInvariant()
        : "";

    private static string Word(TrainingRunEnd end) => end switch
    {
        TrainingRunEnd.Completed => "completed",
        TrainingRunEnd.EarlyStopped => "stopped early",
        TrainingRunEnd.EpochsReached => "stopped after the epochs asked for",
        TrainingRunEnd.TimeReached => "stopped after the time asked for",
        TrainingRunEnd.Interrupted => "interrupted",
        _ => "stopped",
    };

    private static string Quote(string argument) => argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_=./:,+@%".Contains(c, StringComparison.Ordinal))
        ? argument
        : $"'{TerminalText.Line(argument).Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
