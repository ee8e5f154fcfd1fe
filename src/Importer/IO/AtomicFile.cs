using System.Security.Cryptography;

namespace Importer.IO;

/// <summary>A file that appears whole or not at all: written beside its place, flushed to the disk, then renamed.</summary>
internal static class AtomicFile
{
    private const int MaxShownName = 64;

    /// <summary>Writes a file, in place of one that may be there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes its content.</param>
    /// <exception cref="IOException">It cannot be written; what was there is there still.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path), directory = Path.GetDirectoryName(full) ?? full, name = Path.GetFileName(full);
        string temporary = Path.Combine(directory, $".{name[..Math.Min(name.Length, MaxShownName)]}.{RandomNumberGenerator.GetHexString(12, lowercase: true)}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush();
                DurableFileSystem.FlushFile(stream.SafeFileHandle);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            try
            {
                File.Delete(temporary);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // On the way out with the exception that matters; the name tells what the leftover is.
            }

            throw;
        }

        DurableFileSystem.FlushDirectory(directory);
    }
}
