using System.Runtime.InteropServices;

namespace Importer.Runtime;

/// <summary>The shared libraries that a process has loaded, as the kernel lists them.</summary>
internal static class LoadedLibraries
{
    /// <summary>The libraries of this process; none where the system has no /proc.</summary>
    public static IReadOnlyList<string> OfThisProcess()
    {
        try
        {
            return Parse(File.ReadAllText("/proc/self/maps"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The distinct library files of a /proc/PID/maps text, in the order of their addresses.</summary>
    public static IReadOnlyList<string> Parse(string maps)
    {
        var files = new List<string>();
        foreach (var line in maps.Split('\n'))
        {
            // address perms offset dev inode path; only the path may hold spaces.
            int slash = line.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0)
                continue;
            var path = line[slash..].TrimEnd('\r');
            if (Path.GetFileName(path).Contains(".so", StringComparison.Ordinal) && !files.Contains(path))
                files.Add(path);
        }
        return files;
    }

    /// <summary>Calls a function of a loaded library that takes nothing and returns a C string; null where there is none.</summary>
    public static unsafe string? CallForText(string path, string function)
    {
        if (!NativeLibrary.TryLoad(path, out nint library))
            return null;
        try
        {
            if (!NativeLibrary.TryGetExport(library, function, out nint address))
                return null;
            return Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)address)());
        }
        finally
        {
            NativeLibrary.Free(library);
        }
    }
}
