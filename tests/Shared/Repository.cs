namespace Tests.Shared;

/// <summary>Finds the repository's data from wherever a test runs.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Fixture(string name) => Path.Combine(Root, "fixtures", name);

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
