namespace Tests.Shared;

/// <summary>Finds the repository's data from wherever a test runs.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>
    /// A directory of <c>fixtures/</c>; where files in it are packed (<c>vocab.json.gz</c>), a copy with all of them unpacked.
    /// </summary>
    public static string Fixture(string name)
    {
        string directory = Path.Combine(Root, "fixtures", name);
        return Directory.Exists(directory) && Directory.EnumerateFiles(directory, "*.gz").Any() ? PackedFixture.Unpack(directory) : directory;
    }

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Importer.sln")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException("No Importer.sln above the test's directory.");
    }
}
