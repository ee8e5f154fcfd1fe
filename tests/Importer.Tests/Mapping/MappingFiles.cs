using Tests.Shared;

namespace Importer.Tests.Mapping;

/// <summary>The files of <c>mappings/</c>.</summary>
internal static class MappingFiles
{
    public static string Directory { get; } = Path.Combine(Repository.Root, "mappings");

    public static IEnumerable<string> Tables => System.IO.Directory.EnumerateFiles(Directory, "*.json")
        .Where(path => !path.EndsWith(".schema.json", StringComparison.Ordinal));
}
