using System.Text;
using SharedSource.IO;

namespace CheckpointStorage.IO;

/// <summary>
/// A file that one process at a time holds open exclusively: flock on POSIX, no sharing on Windows. It ends with the process,
/// however that ends. The file itself stays, since removing it would race with the next owner.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private const string OwnerSuffix = "-owner"; // apart, because a file held exclusively cannot be read
    private const int LongestOwner = 4096;
    private readonly FileStream _stream;

    private FileLock(FileStream stream) => _stream = stream;

    public static FileLock? TryTake(string path, string owner, out string holder)
    {
        holder = "";
        try
        {
            var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            try
            {
                File.WriteAllText(path + OwnerSuffix, owner);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Only for the message that others get; the lock is held.
            }

            return new FileLock(stream);
        }
        catch (IOException e) when (SharingViolation.Is(e))
        {
            holder = ReadOwner(path + OwnerSuffix);
            return null;
        }
    }

    public void Dispose()
    {
        try
        {
            File.Delete(_stream.Name + OwnerSuffix);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Overwritten by the next owner.
        }

        _stream.Dispose();
    }

    private static string ReadOwner(string path)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] text = new byte[Math.Min(stream.Length, LongestOwner)];
            return Encoding.UTF8.GetString(text, 0, stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
