using CheckpointStorage.IO;

namespace CheckpointStorage.Verification;

/// <summary>Looks for the newest checkpoint whose every byte is what was saved.</summary>
internal static class NewestValidSearch
{
    public static CheckpointSearch Run(StoreDirectory directory, bool canWrite, Action<string, int>? progress, CancellationToken cancellationToken)
    {
        List<CheckpointInfo> all = directory.Scan();
        List<(CheckpointInfo Info, CheckpointProblem[] Problems)> damaged = [];
        CheckpointInfo? valid = null;
        foreach (CheckpointInfo info in all)
        {
            if (info.Problem is { Kind: CheckpointProblemKind.LaterVersion } later)
            {
                throw new CheckpointFormatException(info.Directory, later);
            }

            CheckpointProblem[] problems = CheckpointVerifier.Verify(directory.Files, info, progress, cancellationToken);
            if (problems.Length == 0)
            {
                valid = info;
                break;
            }

            damaged.Add((info, problems));
        }

        if (valid is null)
        {
            RefuseIfAny(directory, damaged);
            return new CheckpointSearch(null, []);
        }

        if (damaged.Count > 0 && canWrite)
        {
            directory.WritePointersOrNone(all[damaged.Count..]); // first, so that they never name what is no longer there
        }

        return new CheckpointSearch(valid, [.. damaged.Select(item => PutAside(directory, canWrite, item.Info, item.Problems))]);
    }

    private static DamagedCheckpoint PutAside(StoreDirectory directory, bool canWrite, CheckpointInfo info, CheckpointProblem[] problems)
    {
        string reason = string.Join("; ", problems.Select(problem => problem.ToString()));
        if (canWrite)
        {
            return new DamagedCheckpoint(info.Id, Quarantine.Put(directory, info, reason), problems);
        }

        Log.PassedOver(directory.Logger, info.Id, reason);
        return new DamagedCheckpoint(info.Id, info.Directory, problems);
    }

    // What was put aside earlier counts: whoever had only damaged checkpoints has not begun anew.
    private static void RefuseIfAny(StoreDirectory directory, List<(CheckpointInfo Info, CheckpointProblem[] Problems)> damaged)
    {
        List<DamagedCheckpoint> all = [.. damaged.Select(item => new DamagedCheckpoint(item.Info.Id, item.Info.Directory, item.Problems))];
        foreach (string name in directory.ScanQuarantine())
        {
            var problem = new CheckpointProblem(
                CheckpointProblemKind.Rejected, null, $"put aside earlier: {DisplayText.Escape(Quarantine.ReasonOf(directory, name))}");
            all.Add(new DamagedCheckpoint(name, directory.At(name), [problem]));
        }

        if (all.Count > 0)
        {
            throw new AllCheckpointsDamagedException(directory.Path, all, directory.Scan(directory.Backups).Count);
        }
    }
}
