using System.Text;
using CheckpointStorage.Retention;

namespace CheckpointStorage.IO;

/// <content>The pointers latest and best.</content>
internal sealed partial class StoreDirectory
{
    /// <summary>What a pointer says; null where it is missing or not legible.</summary>
    public string? ReadPointer(string pointer)
    {
        try
        {
            return Files.Find(At(pointer)) is { IsDirectory: false } ? Encoding.UTF8.GetString(ReadSmall(At(pointer), 4096)).TrimEnd('\n') : null;
        }
        catch (Exception e) when (StoreErrors.IsFileSystem(e) || e is FormatException)
        {
            return null;
        }
    }

    /// <summary>Makes a pointer name a checkpoint, or go where there is none, in one durable step.</summary>
    public void WritePointer(string pointer, string? id)
    {
        if (ReadPointer(pointer) == id)
        {
            return;
        }

        if (id is null)
        {
            if (Files.Find(At(pointer)) is not null)
            {
                Files.DeleteFile(At(pointer));
                Files.FlushDirectory(Path);
            }

            return;
        }

        string temporary = At(StoreNames.NewTemporary(pointer));
        try
        {
            WriteSmall(temporary, Encoding.UTF8.GetBytes(id + "\n"));
            CrashPoint.Reach(CrashPoint.MidPointer);
            Files.ReplaceFile(temporary, At(pointer));
            Files.FlushDirectory(Path);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Points latest and best to what they should.</summary>
    /// <param name="newestFirst">The checkpoints that may be pointed to.</param>
    public void WritePointers(IReadOnlyList<CheckpointInfo> newestFirst)
    {
        CheckpointInfo? newest = newestFirst.FirstOrDefault(info => info.Problem is null);
        WritePointer(StoreNames.Latest, newest?.Id);
        WritePointer(StoreNames.Best, BestOf(newestFirst)?.Id);
    }

    /// <summary>As <see cref="WritePointers"/>; where there is no room for new ones, the old ones go, which needs none.</summary>
    public void WritePointersOrNone(IReadOnlyList<CheckpointInfo> newestFirst)
    {
        try
        {
            WritePointers(newestFirst);
        }
        catch (IOException e) when (StoreErrors.IsDiskFull(e))
        {
            Log.Warned(Logger, $"The pointers are removed, as there is no room to write them: {DisplayText.Clause(e.Message)}");
            WritePointer(StoreNames.Latest, null);
            WritePointer(StoreNames.Best, null);
        }
    }

    /// <summary>The one with the best metric among those of the newest one's configuration; null where none has a metric.</summary>
    public CheckpointInfo? BestOf(IReadOnlyList<CheckpointInfo> newestFirst)
    {
        CheckpointInfo? newest = newestFirst.FirstOrDefault(info => info.Problem is null);
        return RetentionPlan.ByMetric(
            newestFirst.Where(info => info.Problem is null && info.ConfigurationKey == newest?.ConfigurationKey), Options.MetricOrder).FirstOrDefault();
    }
}
