namespace Tests.Shared;

/// <summary>A directory of a test's own, gone with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory() => Path = Directory.CreateTempSubdirectory("importer-test-").FullName;

    public string Path { get; }

    /// <summary>A path in the directory.</summary>
    public string this[params string[] parts] => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>A copy of a fixture in the directory.</summary>
    public string CopyFixture(string name, string? newName = null)
    {
        string copy = this[newName ?? name];
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(Repository.Fixture(name)))
        {
            File.Copy(file, System.IO.Path.Combine(copy, System.IO.Path.GetFileName(file)));
        }

        return copy;
    }

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
        {
            foreach (string directory in Directory.GetDirectories(Path, "*", SearchOption.AllDirectories))
            {
                File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        Directory.Delete(Path, recursive: true);
    }
}
