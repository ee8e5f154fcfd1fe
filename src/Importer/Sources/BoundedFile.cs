using Importer.IO;

namespace Importer.Sources;

/// <summary>Reads small files that somebody else named: only regular ones, and never more of them than is wanted.</summary>
internal static class BoundedFile
{
    /// <summary>The beginning of a file, all of it where it is not longer.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most bytes to read.</param>
    /// <exception cref="NotAFileException">It is a pipe, a device or a directory.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] Read(string path, int most)
    {
        using var stream = new FileStream(RegularFile.Open(path), FileAccess.Read, bufferSize: 0);
        byte[] bytes = new byte[Math.Min(stream.Length, most)];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
