namespace Importer.Cli;

/// <summary>The words by which programs tell errors apart; stable, like <see cref="ExitCode"/>.</summary>
internal static class ErrorKind
{
    public const string Failure = "failure";
    public const string DiskFull = "disk_full";
    public const string Unsupported = "unsupported";
    public const string Defect = "defect";
    public const string Usage = "usage";
    public const string NotFound = "not_found";
    public const string NotPermitted = "not_permitted";
    public const string Network = "network";
    public const string Integrity = "integrity";
    public const string Mismatch = "mismatch";
    public const string Differs = "differs";
    public const string Changed = "source_changed";
    public const string AllDamaged = "all_damaged";
    public const string Cancelled = "cancelled";

    /// <summary>The most general word for an exit code.</summary>
    public static string Of(int exitCode) => exitCode switch
    {
        ExitCode.Usage => Usage,
        ExitCode.NotFound => NotFound,
        ExitCode.Network => Network,
        ExitCode.Integrity => Integrity,
        ExitCode.AllCheckpointsDamaged => AllDamaged,
        ExitCode.Cancelled => Cancelled,
        _ => Failure,
    };
}
