using System.Globalization;
using CheckpointStorage;

namespace Importer.Training;

/// <summary>Finds the checkpoint that a run goes on from, every byte of which is what was saved.</summary>
internal static class ResumeSearch
{
    /// <summary>Finds it.</summary>
    /// <param name="store">The run's store; damaged checkpoints are put aside in one that was opened to write.</param>
    /// <param name="options">Which.</param>
    /// <param name="log">Told of damaged ones.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Null where there are none at all.</returns>
    /// <exception cref="AllCheckpointsDamagedException">There are some, and none may be used.</exception>
    /// <exception cref="CheckpointNotFoundException">The one that was asked for is not there.</exception>
    /// <exception cref="CheckpointDamagedException">The one that was asked for is damaged.</exception>
    public static async Task<CheckpointInfo?> FindAsync(CheckpointStore store, TrainingOptions options, RunLog log, CancellationToken cancellationToken)
    {
        if (options.ResumeFrom is null or "latest" && options.ResumeStep is null && options.ResumeEpoch is null)
        {
            var search = await store.FindNewestValidAsync(null, cancellationToken).ConfigureAwait(false);
            foreach (var damaged in search.Damaged)
            {
                string place = store.CanWrite ? $"put aside as {DisplayText.Escape(Path.GetFileName(damaged.Directory))}" : "passed over";
                log.Warn($"{damaged} ({place}; the checkpoint before is taken)");
            }

            return search.Checkpoint;
        }

        while (true)
        {
            var found = Resolve(store, options);
            var problems = await store.VerifyAsync(found, null, cancellationToken).ConfigureAwait(false);
            if (problems.Count == 0)
            {
                return found;
            }

            if (options.ResumeFrom != "best" || !store.CanWrite || Path.GetDirectoryName(found.Directory) != store.Directory)
            {
                throw new CheckpointDamagedException(found.Directory, problems);
            }

            string reason = string.Join("; ", problems);
            store.PutAside(found, reason);
            log.Warn($"{found.Id}: {reason} (put aside; the next best checkpoint is taken)");
        }
    }

    private static CheckpointInfo Resolve(CheckpointStore store, TrainingOptions options)
    {
        if (options.ResumeStep is { } step)
        {
            return store.Resolve(string.Create(CultureInfo.InvariantCulture, $"step:{step}"));
        }

        if (options.ResumeEpoch is { } epoch)
        {
            // An epoch ends within an update, as a rule: the first checkpoint after that, if it is less than an update away.
            return store.List().Where(info => info.Problem is null && info.Epoch is { } at && at >= epoch - 1e-9 && (at - epoch) * info.Step < at)
                .OrderBy(info => info.Epoch).FirstOrDefault() ?? store.Resolve(string.Create(CultureInfo.InvariantCulture, $"epoch:{epoch}"));
        }

        return store.Resolve(options.ResumeFrom!);
    }
}
