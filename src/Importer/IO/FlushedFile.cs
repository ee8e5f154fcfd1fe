namespace Importer.IO;

/// <summary>New files whose content is on the disk when they are closed.</summary>
internal static class FlushedFile
{
    /// <summary>Writes a new file.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        stream.Write(content);
        stream.Flush();
        DurableFileSystem.FlushFile(stream.SafeFileHandle);
    }

    /// <summary>Copies a regular file to a new one.</summary>
    /// <returns>How many bytes it had, and their SHA-256 in lower-case hex.</returns>
    public static (long Length, string Sha256) Copy(string source, string path, CancellationToken cancellationToken)
    {
        using var from = RegularFile.Open(source);
        using var to = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var copied = FileHash.Copy(from, to, cancellationToken);
        DurableFileSystem.FlushFile(to);
        return copied;
    }
}
