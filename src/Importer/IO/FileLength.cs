namespace Importer.IO;

/// <summary>Lengths of files.</summary>
internal static class FileLength
{
    /// <summary>The length of the file's content; through a link, which <see cref="FileInfo.Length"/> would measure itself.</summary>
    public static long Of(string path)
    {
        using var handle = File.OpenHandle(path);
        return RandomAccess.GetLength(handle);
    }
}
