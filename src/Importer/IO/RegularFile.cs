using Microsoft.Win32.SafeHandles;

namespace Importer.IO;

/// <summary>
/// The one place that opens files named by somebody else. Only regular files are opened: a pipe would wait for ever, a
/// device never end.
/// </summary>
internal static class RegularFile
{
    /// <summary>Whether there is a file.</summary>
    /// <exception cref="NotAFileException">There is something else under that name.</exception>
    /// <exception cref="UnauthorizedAccessException">A directory on the way may not be searched.</exception>
    public static bool Exists(string path) => FileFacts.Of(path).Kind switch
    {
        FileKind.File => true,
        FileKind.Missing => false,
        var kind => throw new NotAFileException(path, kind),
    };

    /// <summary>The length of a file's content.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="NotAFileException">There is something else under that name.</exception>
    /// <exception cref="UnauthorizedAccessException">A directory on the way may not be searched.</exception>
    public static long Length(string path) => Require(path).Length;

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="NotAFileException">There is something else under that name.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SafeFileHandle Open(string path)
    {
        Require(path);
        return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.SequentialScan);
    }

    private static FileFacts Require(string path)
    {
        var facts = FileFacts.Of(path);
        return facts.Kind switch
        {
            FileKind.File => facts,
            FileKind.Missing => throw new FileNotFoundException($"Could not find file '{path}'.", path),
            _ => throw new NotAFileException(path, facts.Kind),
        };
    }
}
