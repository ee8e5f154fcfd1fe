using System.Globalization;

namespace CheckpointStorage.IO;

/// <summary>
/// Named places at which a test may have the process killed: <c>IMPORTER_CRASH_AT=name</c>, or <c>name:n</c> for the n-th time
/// that the place is reached. The variable is read once; where it is not set, reaching a place costs one comparison.
/// </summary>
internal static class CrashPoint
{
    public const string Variable = "IMPORTER_CRASH_AT";

    public const string BeforeTemporary = "before-tmp";
    public const string AfterTemporary = "after-tmp";
    public const string MidFile = "mid-file";
    public const string BeforeFileFlush = "before-file-fsync";
    public const string AfterFileFlush = "after-file-fsync";
    public const string AfterFile = "after-file";
    public const string BeforeManifest = "before-manifest";
    public const string AfterManifest = "after-manifest";
    public const string BeforeRename = "before-rename";
    public const string BeforeParentFlush = "before-parent-fsync";
    public const string AfterParentFlush = "after-parent-fsync";
    public const string DuringVerify = "during-verify";
    public const string BeforePointer = "before-pointer";
    public const string MidPointer = "mid-pointer";
    public const string AfterPointer = "after-pointer";
    public const string BeforeRotation = "before-rotation";
    public const string MidRotation = "mid-rotation";
    public const string MidDelete = "mid-delete";
    public const string DuringBackup = "during-backup";
    public const string BeforeQuarantine = "before-quarantine";

    private static readonly string? Armed;
    private static int _left;

    static CrashPoint()
    {
        string[] parts = (Environment.GetEnvironmentVariable(Variable) ?? "").Split(':', 2);
        if (parts[0].Length > 0)
        {
            Armed = parts[0];
            _left = parts.Length == 2 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1;
        }
    }

    /// <summary>The places of a save, in the order in which they are reached.</summary>
    public static IReadOnlyList<string> OfSaving { get; } =
    [
        BeforeTemporary, AfterTemporary, MidFile, BeforeFileFlush, AfterFileFlush, AfterFile, BeforeManifest, AfterManifest, BeforeRename,
        BeforeParentFlush, AfterParentFlush, DuringVerify, BeforePointer, MidPointer, AfterPointer, BeforeRotation, MidRotation, MidDelete,
    ];

    /// <summary>Ends the process if this is the place.</summary>
    public static void Reach(string name)
    {
        if (Armed is not null && Armed == name && Interlocked.Decrement(ref _left) == 0)
        {
            NativeMethods.KillSelf();
        }
    }
}
