using System.Text;
using Microsoft.Win32.SafeHandles;
using SharedSource.IO;

namespace HuggingFace.Hub.Client;

/// <summary>Files that appear whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a small file: a temporary one, flushed, renamed into place, the directory flushed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">What it is to hold, without a byte order mark.</param>
    /// <param name="scratch">The directory for the temporary file, on the same file system; one in which it bothers nobody after a
    /// crash.</param>
    /// <param name="durable">Whether it must survive a power cut.</param>
    public static void Write(string path, string content, string scratch, bool durable = true) =>
        Write(path, Encoding.UTF8.GetBytes(content), scratch, durable);

    /// <inheritdoc cref="Write(string, string, string, bool)"/>
    public static void Write(string path, ReadOnlySpan<byte> content, string scratch, bool durable = true)
    {
        string directory = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(directory);
        Directory.CreateDirectory(scratch);
        string temporary = TemporaryName(scratch);
        try
        {
            using (SafeFileHandle handle = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                RandomAccess.Write(handle, content, 0);
                if (durable)
                {
                    DiskFlush.FlushFile(handle);
                }
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            FileProbe.TryDelete(temporary);
            throw;
        }

        if (durable)
        {
            DiskFlush.TryFlushDirectory(directory);
        }
    }

    /// <summary>Moves a finished, flushed and closed file into place.</summary>
    public static void Publish(string temporary, string path)
    {
        string directory = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(directory);
        File.Move(temporary, path, overwrite: true);
        DiskFlush.TryFlushDirectory(directory);
    }

    /// <summary>A name that nobody else uses, recognisable as rubbish after a crash.</summary>
    public static string TemporaryName(string directory) => Path.Combine(directory, $".tmp-{Nonce.New()}.incomplete");
}
