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

        return
        [
            .. Directory.EnumerateFiles(directory, "*", Options)
                .Select(file => Path.GetRelativePath(directory, file).Replace(Path.DirectorySeparatorChar, '/'))
                .Where(path => skip is null || !path.StartsWith(skip + "/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];
    }
}
