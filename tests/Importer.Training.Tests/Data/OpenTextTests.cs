using Importer.Training.Data;
using Tests.Shared;

namespace Importer.Training.Tests.Data;

public sealed class OpenTextTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_text_is_tokenised_the_first_time_only()
    {
        File.WriteAllText(_directory["text.txt"], "some text to train on\n");
        var first = await Open("text.txt");
        var written = File.GetLastWriteTimeUtc(first.Train.Path);
        var second = await Open("text.txt");
        Assert.Equal(first.Directory, second.Directory);
        Assert.Equal(written, File.GetLastWriteTimeUtc(second.Train.Path));
        Assert.StartsWith(_directory["out", "data"], first.Directory, StringComparison.Ordinal);
        Assert.Single(Directory.GetDirectories(_directory["out", "data"]));
    }

    [Fact]
    public async Task A_text_that_changed_gets_tokens_beside_the_old_ones()
    {
        File.WriteAllText(_directory["text.txt"], "some text to train on\n");
        var first = await Open("text.txt");
        var fingerprint = first.ComputeFingerprint();
        File.AppendAllText(_directory["text.txt"], "and on\n");
        var second = await Open("text.txt");
        Assert.NotEqual(first.Directory, second.Directory);
        Assert.NotEmpty(second.ComputeFingerprint().Differences(fingerprint));
        using var old = TokenDataset.Open(first.Directory);
        Assert.Equal(fingerprint, old.ComputeFingerprint());
    }

    [Fact]
    public async Task A_directory_of_tokens_is_opened_as_it_is()
    {
        File.WriteAllText(_directory["text.txt"], "some text to train on\n");
        await DatasetPreparer.PrepareAsync(_directory["text.txt"], _directory["prepared"]);
        Assert.Equal(_directory["prepared"], (await Open("prepared")).Directory);
        Assert.False(Directory.Exists(_directory["out"]));

        // One of its files is missing: that is said, and no text looked for.
        File.Delete(_directory["prepared", "train.bin"]);
        await Assert.ThrowsAsync<DatasetNotFoundException>(() => Open("prepared"));
        Assert.False(Directory.Exists(_directory["out"]));
    }

    [Fact]
    public async Task A_cache_that_was_damaged_is_made_anew()
    {
        File.WriteAllText(_directory["text.txt"], "some text to train on\n");
        var first = await Open("text.txt");
        var fingerprint = first.ComputeFingerprint();
        File.WriteAllBytes(first.Train.Path, [1, 0]);
        Assert.Equal(fingerprint, (await Open("text.txt")).ComputeFingerprint());
    }

    [Fact]
    public async Task Two_processes_may_open_the_same_text_at_once()
    {
        File.WriteAllText(_directory["text.txt"], string.Concat(Enumerable.Repeat("some text to train on\n", 5000)));
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Open("text.txt")));
        Assert.Single(all.Select(data => data.ComputeFingerprint()).Distinct());
        Assert.Single(Directory.GetDirectories(_directory["out", "data"]));
    }

    private Task<TokenDataset> Open(string name) => TokenDataset.OpenAsync(_directory[name], _directory["out", "data"]);
}
