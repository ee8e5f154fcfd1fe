using Importer.IO;
using Tests.Shared;

namespace Importer.Tests.IO;

public sealed class FileLockTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task One_at_a_time_holds_it_and_it_is_gone_at_the_end()
    {
        string path = _directory["lock"];
        var waits = new TaskCompletionSource();
        var first = await FileLock.TakeAsync(path, () => Assert.Fail("nobody else is there"), default);
        var second = FileLock.TakeAsync(path, waits.SetResult, default);

        Assert.Same(waits.Task, await Task.WhenAny(waits.Task, second));
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();

        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        using var first = await FileLock.TakeAsync(_directory["lock"], null, default);
        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FileLock.TakeAsync(_directory["lock"], cancellation.Cancel, cancellation.Token));
    }

    [SkippableFact]
    public void A_file_that_its_owner_removed_meanwhile_guards_nothing()
    {
        Skip.If(OperatingSystem.IsWindows(), "an open file is not removed there");
        string path = _directory["lock"];
        using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        Assert.True(FileLock.Guards(stream, path));

        File.Delete(path);
        Assert.False(FileLock.Guards(stream, path));
        File.WriteAllText(path, "");
        Assert.False(FileLock.Guards(stream, path));
    }
}
