#pragma warning disable CA1416 // these tests skip themselves on Windows

namespace HuggingFace.Hub.Client.Tests;

/// <summary>Umask and directories that must not be written, in processes of their own.</summary>
public sealed class PermissionTests : HubTest
{
    [SkippableFact]
    public async Task Umask_is_honoured()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no umask.");
        using Downloader process = Downloader.Start(ProcessVariables("config.json"), "/bin/sh", "-c", "umask 037; exec \"$@\"", "sh");

        Assert.StartsWith("ok ", await process.FinishAsync(), StringComparison.Ordinal);

        UnixFileMode mode = File.GetUnixFileMode(Blob(Config));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, mode);
    }

    [SkippableTheory]
    [InlineData("config.json")]
    [InlineData(null)]
    public async Task Cache_that_cannot_be_written_serves_what_it_has(string? file)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has other permissions.");
        await Client().DownloadSnapshotAsync(Gpt2);

        // The branch has another commit now of which nothing changes for us: the reference cannot be updated.
        await File.WriteAllTextAsync(Path.Combine(RepoCache, "refs", "main"), C1 + "\n");
        Dictionary<string, string> variables = ProcessVariables(file);
        if (file is null)
        {
            variables.Remove("TEST_FILE");
        }

        string[] wrapper = AsNobody();
        SetWritable(CacheDirectory, writable: false);
        try
        {
            using Downloader process = Downloader.Start(variables, wrapper);
            Assert.StartsWith("ok ", await process.FinishAsync(), StringComparison.Ordinal);
        }
        finally
        {
            SetWritable(CacheDirectory, writable: true);
        }

        Assert.Equal(C1 + "\n", await File.ReadAllTextAsync(Path.Combine(RepoCache, "refs", "main")));
    }

    [SkippableFact]
    public async Task Download_into_a_cache_that_cannot_be_written_is_a_clear_error()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has other permissions.");
        Directory.CreateDirectory(CacheDirectory);
        string[] wrapper = AsNobody();
        SetWritable(CacheDirectory, writable: false);
        try
        {
            using Downloader process = Downloader.Start(ProcessVariables("config.json"), wrapper);
            string answer = await process.FinishAsync();
            Assert.StartsWith("error HubCacheException ", answer, StringComparison.Ordinal);
            Assert.Contains(CacheDirectory, answer, StringComparison.Ordinal);
            Assert.Contains("HF_HUB_CACHE", answer, StringComparison.Ordinal);
        }
        finally
        {
            SetWritable(CacheDirectory, writable: true);
        }
    }

    /// <summary>How to become a user whom permissions stop; nothing for one whom they do already.</summary>
    private string[] AsNobody()
    {
        if (Environment.UserName != "root")
        {
            return [];
        }

        Skip.IfNot(File.Exists("/usr/bin/setpriv"), "Permissions do not stop root, and setpriv is not here.");
        string? closed = FirstClosedParent(Downloader.Assembly) ?? FirstClosedParent(Root);
        Skip.If(closed is not null, $"Another user cannot enter {closed}.");
        return ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    }

    private string? FirstClosedParent(string path)
    {
        // The test's own directory is closed to others on purpose; opened for this test.
        File.SetUnixFileMode(Root, File.GetUnixFileMode(Root) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        for (string? directory = Path.GetDirectoryName(path); directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (!File.GetUnixFileMode(directory).HasFlag(UnixFileMode.OtherExecute))
            {
                return directory;
            }
        }

        return null;
    }

    private static void SetWritable(string directory, bool writable)
    {
        const UnixFileMode Write = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        foreach (string path in Directory.EnumerateDirectories(directory, "*", SearchOption.AllDirectories).Append(directory))
        {
            UnixFileMode mode = File.GetUnixFileMode(path);
            File.SetUnixFileMode(path, writable ? mode | UnixFileMode.UserWrite : mode & ~Write);
        }
    }
}
