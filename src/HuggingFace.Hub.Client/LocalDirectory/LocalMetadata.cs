using System.Globalization;

namespace HuggingFace.Hub.Client;

/// <summary>
/// What a <c>local_dir</c> download remembers about a file (huggingface_hub, <c>_local_folder.py</c>): commit, hash, and when that was
/// true, three lines. Believed only while the file has not been changed since.
/// </summary>
internal sealed record LocalMetadata(string Commit, string ETag)
{
    private const int MaxBytes = 1024;

    /// <summary>The metadata of a file; null when there is none, it is damaged, or the file is newer.</summary>
    public static LocalMetadata? Read(string metadataPath, string filePath)
    {
        try
        {
            var metadata = new FileInfo(metadataPath);
            if (!metadata.Exists || metadata.Length > MaxBytes || !File.Exists(filePath))
            {
                return null;
            }

            string[] lines = File.ReadAllLines(metadataPath);
            if (lines.Length < 3
                || !RevisionName.IsCommit(lines[0].Trim())
                || !double.TryParse(lines[2].Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double saved)
                || !double.IsFinite(saved))
            {
                return null;
            }

            // One second of slack, because file systems keep times more coarsely than clocks.
            double modified = (File.GetLastWriteTimeUtc(filePath) - DateTime.UnixEpoch).TotalSeconds;
            return modified - 1 <= saved ? new LocalMetadata(lines[0].Trim(), lines[1].Trim()) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Write(string metadataPath)
    {
        // The wall clock of the file system's times, not the injectable one.
        double now = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
        string text = string.Create(CultureInfo.InvariantCulture, $"{Commit}\n{ETag}\n{now:0.000000}\n");
        AtomicFile.Write(metadataPath, text, Path.GetDirectoryName(metadataPath)!);
    }
}
