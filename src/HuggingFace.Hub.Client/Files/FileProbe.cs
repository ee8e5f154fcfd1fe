using Microsoft.Win32.SafeHandles;

namespace HuggingFace.Hub.Client;

/// <summary>Looks at files through any chain of links.</summary>
internal static class FileProbe
{
    /// <summary>The size of the file that a path leads to; null when there is none (a dangling link is none).</summary>
    public static long? Length(string path)
    {
        // File.Exists is true for a dangling link and FileInfo.Length is that of the link, so the file is opened.
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return RandomAccess.GetLength(handle);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether a path leads to a file of that size; of any size when it is not known.</summary>
    public static bool Is(string path, long? size) => Length(path) is { } length && (size is null || length == size);

    /// <summary>Whether anything is at the path, a dangling link included.</summary>
    public static bool Occupied(string path) => File.Exists(path) || Directory.Exists(path);

    /// <summary>Removes a file; whether it is gone.</summary>
    public static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
