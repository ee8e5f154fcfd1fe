using System.Text;
using CheckpointStorage.IO;

namespace CheckpointStorage.Verification;

/// <summary>Puts damaged checkpoints where nobody takes them for good ones, and nothing of them is lost.</summary>
internal static class Quarantine
{
    /// <summary>Renames a checkpoint to <c>.corrupt-ID</c> and leaves the reason in it.</summary>
    /// <returns>Its new path.</returns>
    public static string Put(StoreDirectory directory, CheckpointInfo info, string reason)
    {
        string name = StoreNames.CorruptPrefix + info.Id;
        for (int i = 2; directory.Files.Find(directory.At(name)) is not null; i++)
        {
            name = $"{StoreNames.CorruptPrefix}{info.Id}~{i}";
        }

        try
        {
            string file = Path.Combine(info.Directory, StoreNames.QuarantineReason);
            directory.TryDelete(file);
            directory.WriteSmall(file, Encoding.UTF8.GetBytes(reason + "\n"));
        }
        catch (Exception e) when (StoreErrors.IsFileSystem(e))
        {
            Log.Warned(directory.Logger, $"The reason could not be left in {name}: {DisplayText.Clause(e.Message)}");
        }

        CrashPoint.Reach(CrashPoint.BeforeQuarantine);
        directory.Files.MoveDirectory(info.Directory, directory.At(name));
        directory.Files.FlushDirectory(directory.Path);
        Log.Quarantined(directory.Logger, info.Id, name, reason);
        return directory.At(name);
    }

    /// <summary>Why a checkpoint was put aside, as it was left in it; empty where it is not known.</summary>
    public static string ReasonOf(StoreDirectory directory, string name)
    {
        try
        {
            return Encoding.UTF8.GetString(directory.ReadSmall(Path.Combine(directory.At(name), StoreNames.QuarantineReason), 1 << 20)).TrimEnd('\n');
        }
        catch (Exception e) when (StoreErrors.IsFileSystem(e) || e is FormatException)
        {
            return "";
        }
    }
}
