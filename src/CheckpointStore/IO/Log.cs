using Microsoft.Extensions.Logging;

namespace CheckpointStorage.IO;

/// <summary>What the log is told.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Removed {Name}, which a crash had left")]
    public static partial void OrphanRemoved(ILogger logger, string name);

    [LoggerMessage(2, LogLevel.Warning, "{Path} could not be removed and will be at the next opening: {Problem}")]
    public static partial void LeftBehind(ILogger logger, string path, string problem);

    [LoggerMessage(3, LogLevel.Information, "Saved {Id}: {Bytes} bytes in {Seconds:0.00} s, verified")]
    public static partial void Saved(ILogger logger, string id, long bytes, double seconds);

    [LoggerMessage(4, LogLevel.Warning, "The checkpoint of step {Step} was not read back as it was written, and is discarded (attempt {Attempt}): {Problem}")]
    public static partial void Rejected(ILogger logger, long step, int attempt, string problem);

    [LoggerMessage(5, LogLevel.Warning, "{Id} is damaged and was put aside as {Name}: {Problem}")]
    public static partial void Quarantined(ILogger logger, string id, string name, string problem);

    [LoggerMessage(6, LogLevel.Warning, "{Id} is damaged and was passed over: {Problem}")]
    public static partial void PassedOver(ILogger logger, string id, string problem);

    [LoggerMessage(7, LogLevel.Warning, "{Problem}")]
    public static partial void Warned(ILogger logger, string problem);

    [LoggerMessage(8, LogLevel.Information, "Removed {Id}: no rule keeps it")]
    public static partial void Rotated(ILogger logger, string id);

    [LoggerMessage(9, LogLevel.Information, "Backed {Id} up as {Path}")]
    public static partial void BackedUp(ILogger logger, string id, string path);
}
