namespace CheckpointStorage;

/// <summary>How a backup's files come to be.</summary>
public enum BackupMode
{
    /// <summary>
    /// Bytes of their own: a reflink where the file system has them (nothing is copied until a file is written to), else a copy.
    /// What happens to the checkpoint afterwards does not reach the backup.
    /// </summary>
    Copy,

    /// <summary>
    /// Second names of the same bytes, for no space and no time, where the file system has them; else <see cref="Copy"/>. Guards
    /// against the removal of the checkpoint, not against a program or a disk that changes its files in place.
    /// </summary>
    HardLink,
}
