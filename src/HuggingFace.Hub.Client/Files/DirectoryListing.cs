using System.IO.Enumeration;

namespace HuggingFace.Hub.Client;

/// <summary>Lists the files below a directory as paths in a repository, in ordinal order, without following linked directories.</summary>
internal static class DirectoryListing
{
    private static readonly EnumerationOptions Options = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = 0,
        IgnoreInaccessible = true,
        MaxRecursionDepth = 64,
    };

    public static IReadOnlyList<string> Files(string directory, string? skip = null)
    {
        if (!Directory.Exists(directory))
        {
            return [];
        }

        var files = new FileSystemEnumerable<string>(directory, static (ref FileSystemEntry entry) => entry.ToFullPath(), Options)
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = static (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };
        return
        [
            .. files
                .Select(file => Path.GetRelativePath(directory, file).Replace(Path.DirectorySeparatorChar, '/'))
                .Where(path => skip is null || !path.StartsWith(skip + "/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];
    }
}
