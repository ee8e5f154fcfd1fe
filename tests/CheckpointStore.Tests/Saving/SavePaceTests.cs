namespace CheckpointStorage.Tests.Saving;

public sealed class SavePaceTests : StoreTest
{
    // So little that a save of several megabytes would take years.
    private const double Hardly = 1e-12;

    [Fact]
    public async Task A_save_rests_until_it_is_hurried_and_is_the_same_save()
    {
        await using var store = CheckpointStore.Open(Root);
        var pace = new SavePace(Hardly);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<CheckpointSaveResult> saving = store.SaveAsync(Content(), Told(begun), pace);

        await begun.Task;
        Assert.False(saving.IsCompleted);
        Assert.Empty(store.List());

        pace.Hurry();
        CheckpointSaveResult result = await saving;

        Assert.Empty(await store.VerifyAsync(result.Checkpoint));
        Assert.Equal(Bytes, result.Checkpoint.GetFile("model.bin").Length);
    }

    [Fact]
    public async Task A_cancellation_ends_the_rest_and_leaves_nothing()
    {
        await using var store = CheckpointStore.Open(Root);
        using var cancel = new CancellationTokenSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<CheckpointSaveResult> saving = store.SaveAsync(Content(), Told(begun), new SavePace(Hardly), cancel.Token);
        await begun.Task;

        cancel.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => saving);
        Assert.Empty(store.List());
        Assert.Empty(Leftovers());
    }

    [Fact]
    public async Task Whoever_is_hurried_never_rests_again()
    {
        await using var store = CheckpointStore.Open(Root);
        var pace = new SavePace(Hardly);
        pace.Hurry();

        await store.SaveAsync(Content(), pace: pace);
        await store.SaveAsync(Content() with { Step = 2 }, pace: pace);

        Assert.Equal([2L, 1L], store.List().Select(info => info.Step));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.5)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void A_share_is_above_nothing_and_at_most_everything(double share) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SavePace(share));

    private const int Bytes = 9 << 20;

    private static CheckpointContent Content() => Sample.Content(1) with
    {
        Files = [CheckpointFile.From("model.bin", (stream, _) =>
        {
            stream.Write(new byte[Bytes]);
            return Task.CompletedTask;
        })],
    };

    private static SynchronousProgress<CheckpointSaveProgress> Told(TaskCompletionSource begun) =>
        new(progress =>
        {
            if (progress.Bytes > 0)
            {
                begun.TrySetResult();
            }
        });
}
