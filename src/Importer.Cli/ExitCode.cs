namespace Importer.Cli;

/// <summary>What the process returns; stable, so that scripts can rely on it.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 2;
    public const int NotFound = 3;
    public const int Network = 4;
    public const int Integrity = 5;
    public const int Different = 6;
    public const int AllCheckpointsDamaged = 7;
    public const int Cancelled = 130;

    /// <summary>What a shell makes of SIGPIPE, by which other programs end when nobody reads them any more.</summary>
    public const int OutputClosed = 141;
}
