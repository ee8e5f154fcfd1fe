using Microsoft.Extensions.Logging;

namespace HuggingFace.Hub.Client;

/// <summary>All log messages. URLs come without their queries; tokens never come here.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "{Method} {Url} -> {Status} (request id {RequestId})")]
    public static partial void Answered(ILogger logger, string method, string url, int status, string? requestId);

    [LoggerMessage(2, LogLevel.Warning, "Attempt {Attempt} failed and is tried again in {Seconds:0.0} s: {Problem}")]
    public static partial void Retrying(ILogger logger, int attempt, double seconds, string problem);

    [LoggerMessage(3, LogLevel.Warning, "The hub warns ({Topic}): {Text}")]
    public static partial void HubWarning(ILogger logger, string topic, string text);

    [LoggerMessage(4, LogLevel.Warning, "Using the cached copy of {Subject}, because the hub could not be asked: {Problem}")]
    public static partial void FallingBackToCache(ILogger logger, string subject, string problem);

    [LoggerMessage(5, LogLevel.Information, "Waiting for another download of {File} to finish ({Lock} is held)")]
    public static partial void WaitingForLock(ILogger logger, string file, string @lock);

    [LoggerMessage(6, LogLevel.Information, "Resuming {File}: {Done} of {Size} bytes are there")]
    public static partial void Resuming(ILogger logger, string file, long done, long size);

    [LoggerMessage(7, LogLevel.Warning, "{File} arrived damaged (expected {Expected}, got {Actual}); it is downloaded once more")]
    public static partial void Damaged(ILogger logger, string file, string expected, string actual);

    [LoggerMessage(8, LogLevel.Information, "The download URL of {File} has expired; asking the hub for a new one")]
    public static partial void UrlExpired(ILogger logger, string file);

    [LoggerMessage(9, LogLevel.Information, "The server does not serve ranges of {File}; downloading it whole")]
    public static partial void NoRanges(ILogger logger, string file);

    [LoggerMessage(10, LogLevel.Warning, "{File} in the cache is damaged and is downloaded again")]
    public static partial void CachedFileDamaged(ILogger logger, string file);

    [LoggerMessage(11, LogLevel.Warning, "The cache under {Directory} cannot hold symbolic links ({Problem}); snapshots hold the files themselves")]
    public static partial void NoSymbolicLinks(ILogger logger, string directory, string problem);

    [LoggerMessage(12, LogLevel.Information, "Ignoring {File}: {Problem}")]
    public static partial void Ignoring(ILogger logger, string file, string problem);

    [LoggerMessage(13, LogLevel.Information, "{File} has the same content as {Other} and is linked to it")]
    public static partial void Reusing(ILogger logger, string file, string other);

    [LoggerMessage(14, LogLevel.Information, "Published {File} ({Size} bytes)")]
    public static partial void Published(ILogger logger, string file, long size);
}
