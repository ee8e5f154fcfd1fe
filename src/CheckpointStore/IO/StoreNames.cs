using System.Globalization;
using System.Text.RegularExpressions;

namespace CheckpointStorage.IO;

/// <summary>The names in a store's directory besides the checkpoints' own. Nothing that does not match them is ever touched.</summary>
internal static partial class StoreNames
{
    public const string Manifest = "manifest.json";
    public const string PinMark = ".pinned";
    public const string QuarantineReason = ".corrupt-reason";
    public const string Latest = "latest";
    public const string Best = "best";
    public const string Lock = ".lock";
    public const string Backups = "backups";
    public const string CorruptPrefix = ".corrupt-";

    /// <summary>A checkpoint that is being written.</summary>
    public static string NewTemporary(long step) => string.Create(CultureInfo.InvariantCulture, $".tmp-{step:D8}-{Guid.NewGuid():N}");

    /// <summary>A pointer that is being written.</summary>
    public static string NewTemporary(string pointer) => $".tmp-{pointer}-{Guid.NewGuid():N}";

    /// <summary>A checkpoint that is being removed.</summary>
    public static string NewTrash(string id) => $".trash-{Guid.NewGuid():N}-{id}";

    /// <summary>Whether a crash can have left this, and nobody needs it.</summary>
    public static bool IsOrphan(string name) => OrphanExpression().IsMatch(name);

    [GeneratedRegex(@"\A(\.tmp-([0-9]{8,19}|latest|best)-[0-9a-f]{32}|\.trash-[0-9a-f]{32}-.+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex OrphanExpression();
}
