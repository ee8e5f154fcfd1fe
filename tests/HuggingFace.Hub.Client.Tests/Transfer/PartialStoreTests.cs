namespace HuggingFace.Hub.Client.Tests;

public sealed class PartialStoreTests : IDisposable
{
    private const int Size = 100_000;
    private readonly string _directory = Directory.CreateTempSubdirectory("hub-partials-").FullName;
    private readonly PartialStore _store;

    public PartialStoreTests()
    {
        Assert.True(ContentHash.TryParse(new string('a', 64), out ContentHash? hash));
        _store = new PartialStore(_directory, hash.Hex, hash, new HubSettings(new HubClientOptions
        {
            Environment = HubEnvironment.FromDictionary(new Dictionary<string, string>()),
        }));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Partials_whose_owners_are_gone_are_removed_and_a_live_one_is_not()
    {
        PartialFile live = await BeginAsync();
        PartialFile dead = await BeginAsync();
        dead.Dispose();
        Assert.Equal(4, Directory.GetFiles(_directory).Length);

        _store.RemoveOrphans(Size);

        Assert.Equal(new[] { live.Path, live.MapPath }.Order(), Directory.GetFiles(_directory).Order());
        live.Dispose();
        _store.RemoveOrphans(Size);
        Assert.Empty(Directory.GetFiles(_directory));
    }

    [Fact]
    public async Task Partial_that_somebody_writes_is_not_taken_over()
    {
        PartialFile live = await BeginAsync();

        using PartialFile second = await BeginAsync();

        Assert.NotEqual(live.Path, second.Path);
        live.Dispose();
        using PartialFile third = await _store.OpenAsync(Size, exclusive: true, CancellationToken.None);
        Assert.Equal(live.Path, third.Path);

        // The rename of the map is what only one claimant can do.
        Assert.NotEqual(live.MapPath, third.MapPath);
        Assert.Equal(1000, third.Map!.Total);
    }

    private async Task<PartialFile> BeginAsync()
    {
        PartialFile partial = await _store.OpenAsync(Size, exclusive: true, CancellationToken.None);
        partial.Write(partial.Map!.Total, new byte[1000]);
        return partial;
    }
}
