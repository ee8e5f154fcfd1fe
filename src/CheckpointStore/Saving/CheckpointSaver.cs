using System.Diagnostics;
using CheckpointStorage.IO;
using CheckpointStorage.Retention;

namespace CheckpointStorage.Saving;

/// <summary>Saves with a second attempt where the first is not read back as written; then pointers and rotation.</summary>
internal sealed class CheckpointSaver(StoreDirectory directory)
{
    private const int Attempts = 2;

    public async Task<CheckpointSaveResult> SaveAsync(
        ContentSnapshot content, long started, IProgress<CheckpointSaveProgress>? progress, SavePace? pace, CancellationToken cancellationToken)
    {
        for (int number = 1; ; number++)
        {
            var attempt = new SaveAttempt(directory, content, progress, pace, cancellationToken);
            try
            {
                CheckpointInfo saved = await attempt.RunAsync().ConfigureAwait(false);
                return Finish(saved, attempt, number, started, progress);
            }
            catch (CheckpointDamagedException e) when (number < Attempts)
            {
                Log.Rejected(directory.Logger, content.Step, number, string.Join("; ", e.Problems));
            }
            catch (Exception e) when (e is not (OperationCanceledException or CheckpointSaveException))
            {
                throw new CheckpointSaveException(directory.Path, content.Step, attempt.Stage, attempt.File, number, e);
            }
        }
    }

    // The checkpoint is safe: from here on nothing is thrown for what goes wrong on the disk.
    private CheckpointSaveResult Finish(
        CheckpointInfo saved, SaveAttempt attempt, int number, long started, IProgress<CheckpointSaveProgress>? progress)
    {
        progress?.Report(new CheckpointSaveProgress(SaveStage.Rotating, null, 0, null));
        long start = Stopwatch.GetTimestamp();
        List<string> removed = [];
        List<string> warnings = [];
        CheckpointInfo[] removable = [];
        bool isBest = false;
        Try("the pointers could not be updated", () =>
        {
            CrashPoint.Reach(CrashPoint.BeforePointer);
            List<CheckpointInfo> all = directory.Scan();
            removable = RetentionPlan.Removable(all, saved, directory.Options.Retention, directory.Options.MetricOrder);
            List<CheckpointInfo> kept = [.. all.Except(removable)]; // pointers are never moved to what is about to go
            isBest = directory.BestOf(kept)?.Id == saved.Id;
            directory.WritePointers(kept);
            CrashPoint.Reach(CrashPoint.AfterPointer);
        });
        Try("old checkpoints could not be removed", () =>
        {
            CrashPoint.Reach(CrashPoint.BeforeRotation);
            removed.AddRange(Rotator.Rotate(directory, removable));
        });
        progress?.Report(new CheckpointSaveProgress(SaveStage.Done, null, saved.TotalBytes, saved.TotalBytes));
        TimeSpan total = Stopwatch.GetElapsedTime(started);
        Log.Saved(directory.Logger, saved.Id, saved.TotalBytes, total.TotalSeconds);
        var timings = new CheckpointSaveTimings(
            attempt.WriteTime, attempt.HashTime, attempt.FlushTime, attempt.PublishTime, attempt.VerifyTime, Stopwatch.GetElapsedTime(start), total);
        return new CheckpointSaveResult(saved, isBest, number, timings, removed, warnings);

        void Try(string problem, Action action)
        {
            try
            {
                action();
            }
            catch (Exception e) when (StoreErrors.IsFileSystem(e))
            {
                string warning = $"{saved.Id} is saved, but {problem}: {DisplayText.Clause(e.Message)}";
                warnings.Add(warning);
                Log.Warned(directory.Logger, warning);
            }
        }
    }
}
