using System.Threading.Channels;
using Importer.IO;
using Tests.Shared;

namespace Importer.Tests.IO;

public sealed class StagedDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _flushed = [];

    public void Dispose() => _directory.Dispose();

    private string Target => _directory["target"];

    private StagedDirectoryOptions Options => new() { IsOwn = name => name is "new" or "old", FlushDirectory = _flushed.Add };

    [Fact]
    public async Task It_appears_with_publish_and_leaves_no_trace_without()
    {
        using (var dropped = await Stage())
        {
            Assert.False(Directory.Exists(Target));
        }

        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));

        using (var staged = await Stage())
        {
            Assert.Null(staged.Publish());
        }

        Assert.Equal([Target], Directory.GetFileSystemEntries(_directory.Path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Content_then_name_are_brought_to_the_disk(bool replacing)
    {
        MakeOld(replacing);
        using var staged = await Stage();
        Assert.Empty(_flushed);

        staged.Publish();

        Assert.Equal([staged.Path, _directory.Path], _flushed);
    }

    [Fact]
    public async Task A_failed_flush_of_the_content_publishes_nothing()
    {
        MakeOld(true);
        using (var staged = await StagedDirectory.CreateAsync(
            Target, new StagedDirectoryOptions { IsOwn = _ => true, FlushDirectory = _ => throw new IOException("the disk fails") }, default))
        {
            Assert.Throws<IOException>(staged.Publish);
        }

        Assert.Equal([Path.Combine(Target, "old")], Directory.GetFiles(Target));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_directory.Path));
    }

    [SkippableFact]
    public async Task Replacing_is_one_step_so_that_the_target_is_never_missing()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "no exchange");
        MakeOld(true);
        using var staged = await Stage();
        var renames = Channel.CreateUnbounded<string>();
        using var watcher = new FileSystemWatcher(_directory.Path) { NotifyFilter = NotifyFilters.DirectoryName };
        watcher.Renamed += (_, e) => renames.Writer.TryWrite($"{e.OldName} -> {e.Name}");
        watcher.Deleted += (_, _) => renames.Writer.TryComplete();
        watcher.EnableRaisingEvents = true;

        staged.Publish();

        // Exchanged, the old directory takes the staging one's name and is moved on from there; it never leaves the target's name empty.
        string staging = Path.GetFileName(staged.Path);
        var seen = await renames.Reader.ReadAllAsync().ToListAsync();
        Assert.Contains($"target -> {staging}", seen);
        Assert.DoesNotContain(seen, rename => rename.StartsWith("target -> .target.replaced-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_somebody_puts_there_at_the_last_moment_is_kept()
    {
        MakeOld(true);
        using var staged = await Stage();
        File.WriteAllText(Path.Combine(Target, "thesis.txt"), "the only copy");

        string? kept = staged.Publish();

        Assert.NotNull(kept);
        Assert.Equal([Path.Combine(kept, "thesis.txt")], Directory.GetFileSystemEntries(kept));
        Assert.Equal([Path.Combine(Target, "new")], Directory.GetFiles(Target));

        // Nor does a later run clear it.
        staged.Dispose();
        (await Stage()).Dispose();
        Assert.Equal("the only copy", File.ReadAllText(Path.Combine(kept, "thesis.txt")));
    }

    [Fact]
    public async Task What_crashes_left_is_cleared_and_the_only_old_result_comes_back()
    {
        string left = _directory[$".target.importing-{Guid.NewGuid():N}"], old = _directory[$".target.replaced-{Guid.NewGuid():N}"];
        foreach (string directory in new[] { left, old })
        {
            Directory.CreateDirectory(directory);
            File.WriteAllText(Path.Combine(directory, "old"), "");
        }

        File.WriteAllText(Path.Combine(left, ".new.0123456789ab.tmp"), "");

        (await Stage()).Dispose();

        Assert.Equal([Target], Directory.GetFileSystemEntries(_directory.Path));
        Assert.Equal([Path.Combine(Target, "old")], Directory.GetFiles(Target));
    }

    [Fact]
    public async Task What_cannot_be_cleared_stops_nobody()
    {
        MakeOld(true);
        string old = _directory[$".target.replaced-{Guid.NewGuid():N}"];
        Directory.CreateDirectory(Path.Combine(old, "old")); // a directory where a file is expected: not ours to remove

        using var staged = await Stage();
        Assert.Null(staged.Publish());

        Assert.True(Directory.Exists(Path.Combine(old, "old")));
        Assert.Equal([Path.Combine(Target, "new")], Directory.GetFiles(Target));
    }

    [Theory]
    [InlineData("n", 255)]
    [InlineData("ñ", 127)]
    [InlineData("😀", 63)]
    public async Task A_name_as_long_as_the_file_system_allows_is_staged(string letter, int count)
    {
        string target = _directory[string.Concat(Enumerable.Repeat(letter, count))];
        for (int i = 0; i < 2; i++)
        {
            using var staged = await StagedDirectory.CreateAsync(target, Options, default);
            File.WriteAllText(Path.Combine(staged.Path, "new"), "");
            staged.Publish();
        }

        Assert.Equal([target], Directory.GetFileSystemEntries(_directory.Path));
    }

    private void MakeOld(bool there)
    {
        if (there)
        {
            Directory.CreateDirectory(Target);
            File.WriteAllText(Path.Combine(Target, "old"), "");
        }
    }

    private async Task<StagedDirectory> Stage()
    {
        var staged = await StagedDirectory.CreateAsync(Target, Options, default);
        File.WriteAllText(Path.Combine(staged.Path, "new"), "");
        return staged;
    }
}
