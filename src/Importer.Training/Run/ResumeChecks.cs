using Importer.Training.Checkpoints;

namespace Importer.Training;

/// <summary>Whether a run that goes on is what was saved: the environment, and the loss of the fixed batch.</summary>
internal static class ResumeChecks
{
    // Another number of threads or another BLAS sums in another order; what is more than that is another model.
    private const double Tolerance = 1e-3;

    /// <summary>Says what differs in the environment.</summary>
    /// <returns>Whether nothing does: whether bits must be the same.</returns>
    /// <exception cref="ResumeCheckException">Something does, and that is to be refused.</exception>
    public static bool Environment(TrainerRecord record, RunEnvironment now, TrainingOptions options, RunLog log)
    {
        var differences = now.Differences(record.Environment);
        if (differences.Count > 0 && options.Strict)
        {
            throw new ResumeCheckException(
                "The environment is not the one that the checkpoint was saved in:", differences, "Resume in that environment, or without strict: the run then goes on, but not bit for bit.");
        }

        foreach (string difference in differences)
        {
            log.Warn($"{difference}: the run goes on, but perhaps not bit for bit");
        }

        return differences.Count == 0;
    }

    /// <summary>Compares the loss of the fixed batch with what was recorded.</summary>
    /// <param name="record">What was recorded.</param>
    /// <param name="trainer">The trainer, restored.</param>
    /// <param name="isSame">Whether the environment is the same.</param>
    /// <param name="data">The data, now.</param>
    /// <param name="log">Told the result.</param>
    /// <exception cref="ResumeCheckException">It is another loss.</exception>
    public static void FixedBatch(TrainerRecord record, Trainer trainer, bool isSame, RunData data, RunLog log)
    {
        if (record.FixedBatchLoss is not { } was || Changed(record, trainer, data) is { } changed && Say(changed))
        {
            return;
        }

        double now = trainer.FixedBatchLoss();
        if (now.Equals(was))
        {
            log.Say(FormattableString.Invariant($"The fixed batch has the loss that was saved: {now:R}"));
            return;
        }

        string problem = FormattableString.Invariant($"The fixed batch has a loss of {now:R}, and {was:R} was saved");
        if (isSame || !(Math.Abs(now - was) <= Tolerance * Math.Max(1, Math.Abs(was))) || trainer.Options.Strict)
        {
            throw new ResumeCheckException(problem, [], "These are not the weights that were saved, or this machine does not compute as it did; resume from another checkpoint.");
        }

        log.Warn($"{problem}: within what another environment explains");

        bool Say(string why)
        {
            log.Say($"The fixed batch is not compared: {why}");
            return true;
        }
    }

    // A batch of other windows has another loss.
    private static string? Changed(TrainerRecord record, Trainer trainer, RunData data)
    {
        string? name = trainer.Sources.Evaluation.Count > 0 ? trainer.Sources.Evaluation[^1].Name : null;
        if (record.FixedBatchOf != name || (record.Data is { } recorded && data.Fingerprint.Differences(recorded).Count > 0))
        {
            return "the data is another";
        }

        var was = TrainingOptions.FromJson((System.Text.Json.Nodes.JsonObject)record.Options.DeepClone(), out _);
        var now = trainer.Options;
        return (was.BatchSize, was.Seed, was.NanogptCompat, was.Dtype) != (now.BatchSize, now.Seed, now.NanogptCompat, now.Dtype)
            || (trainer.Sources.Evaluation.Count == 0 && was.Sampler != now.Sampler) || was.BlockSize != now.BlockSize
            ? "its settings were changed"
            : null;
    }
}
