namespace CheckpointStorage.Tests.Catalog;

public sealed class ResolveTests : IDisposable
{
    private readonly ModelFileSystem _files = MemoryStore.Files();
    private readonly CheckpointStore _store;
    private readonly CheckpointInfo[] _saved;

    public ResolveTests()
    {
        _store = MemoryStore.Open(_files, MemoryStore.KeepAll);
        _saved =
        [
            .. new[] { (100L, 4.0, 1.0), (200, 3.0, 2.0), (300, double.NaN, 3.0), (200, 3.5, 2.5) }.Select(
                item => _store.SaveAsync(Sample.Content(item.Item1, item.Item2, epoch: item.Item3)).Result.Checkpoint),
        ];
    }

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData("latest", 3)]
    [InlineData("best", 1)]
    [InlineData("step:100", 0)]
    [InlineData("step:0000300", 2)]
    [InlineData("step:200", 3)]
    [InlineData("epoch:2", 1)]
    [InlineData("epoch:2.5", 3)]
    [InlineData("epoch:3.0000000001", 2)]
    [InlineData("step-00000300", 2)]
    [InlineData("step-000001", 0)]
    public void What_people_call_it_finds_it(string reference, int which) => Assert.Equal(_saved[which].Id, _store.Resolve(reference).Id);

    [Fact]
    public void An_id_and_a_path_find_it()
    {
        Assert.All(_saved, info => Assert.Equal(info.Id, _store.Resolve(info.Id).Id));
        Assert.All(_saved, info => Assert.Equal(info.Id, _store.Resolve(info.Directory).Id));
        Assert.Equal(_saved[0].Id, _store.Resolve(_saved[0].Directory + "/").Id);
    }

    [Theory]
    [InlineData("step:150")]
    [InlineData("step:-1")]
    [InlineData("step:many")]
    [InlineData("epoch:7")]
    [InlineData("epoch:x")]
    [InlineData("step-99")]
    [InlineData("Latest")]
    [InlineData("/nowhere/at/all")]
    [InlineData("no\u001bsuch")]
    public void What_is_not_there_is_told_with_what_is(string reference)
    {
        var error = Assert.Throws<CheckpointNotFoundException>(() => _store.Resolve(reference));
        Assert.Equal(reference, error.Reference);
        Assert.Equal(_saved.Reverse().Select(info => info.Id), error.Available);
        Assert.All(_saved, info => Assert.Contains(info.Id, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', error.Message);
    }

    [Fact]
    public void A_beginning_that_fits_several_lists_them()
    {
        var error = Assert.Throws<CheckpointNotFoundException>(() => _store.Resolve("step-00000200"));
        Assert.Equal([_saved[3].Id, _saved[1].Id], error.Available);
    }

    [Fact]
    public void An_empty_store_has_neither_latest_nor_best()
    {
        using var empty = MemoryStore.Open(MemoryStore.Files());
        Assert.Empty(Assert.Throws<CheckpointNotFoundException>(() => empty.Resolve("latest")).Available);
        Assert.Throws<CheckpointNotFoundException>(() => empty.Resolve("best"));
    }

    [Fact]
    public void The_best_is_the_highest_where_higher_is_better_and_the_first_of_equals()
    {
        using var store = MemoryStore.Open(MemoryStore.Files(), MemoryStore.KeepAll with { MetricOrder = MetricOrder.HigherIsBetter });
        double[] metrics = [0.5, 0.9, 0.9, 0.1];
        bool[] best = [.. metrics.Select((metric, i) => store.SaveAsync(Sample.Content(i + 1, metric)).Result.IsBest)];

        Assert.Equal([true, true, false, false], best);
        Assert.Equal(2, store.Resolve("best").Step);
    }

    [Fact]
    public void What_differs_is_named()
    {
        IReadOnlyList<CheckpointDifference> differences = CheckpointStore.Diff(_saved[0], _saved[1]);
        Assert.Equal(
            [
                (DifferenceKind.Checkpoint, "epoch", "1", "2"), (DifferenceKind.Checkpoint, "metric", "4", "3"), (DifferenceKind.Checkpoint, "step", "100", "200"),
                (DifferenceKind.Metadata, "tokens_seen", "100000", "200000"),
            ],
            differences.Where(d => d.Kind != DifferenceKind.File).Select(d => (d.Kind, d.Name, d.First!, d.Second!)));
        Assert.Equal(["model.safetensors", "trainer.json"], differences.Where(d => d.Kind == DifferenceKind.File).Select(d => d.Name));
        Assert.Empty(CheckpointStore.Diff(_saved[0], _saved[0]));
    }

    [Fact]
    public void Another_configuration_is_refused_with_every_field()
    {
        CheckpointInfo info = _saved[0];
        info.RequireConfiguration(new Dictionary<string, string> { ["n_layer"] = "small" });
        var error = Assert.Throws<ConfigurationMismatchException>(() =>
            info.RequireConfiguration(new Dictionary<string, string> { ["n_layer"] = "large", ["n_embd"] = "768" }));

        Assert.Equal([("n_embd", null, "768"), ("n_layer", "small", "large")], error.Differences.Select(d => (d.Name, d.First, d.Second!)));
        Assert.Contains("n_layer: small -> large", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_of_a_configuration_depends_on_names_and_values_and_not_on_their_order()
    {
        static string Key(params (string Name, string Value)[] pairs) => ConfigurationKey.Of(pairs.ToDictionary(p => p.Name, p => p.Value));

        Assert.Equal(Key(("a", "1"), ("b", "2")), Key(("b", "2"), ("a", "1")));
        Assert.NotEqual(Key(("a", "1"), ("b", "2")), Key(("a", "2"), ("b", "1")));
        Assert.NotEqual(Key(("a", "1\n1:b=1:2")), Key(("a", "1"), ("b", "2")));
        Assert.Equal(_saved[0].ConfigurationKey, _saved[1].ConfigurationKey);
    }
}
