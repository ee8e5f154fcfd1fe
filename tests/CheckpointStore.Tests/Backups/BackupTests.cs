namespace CheckpointStorage.Tests.Backups;

public sealed class BackupTests : StoreTest
{
    [Fact]
    public async Task Damage_to_the_checkpoint_after_a_backup_does_not_reach_it()
    {
        await using var store = CheckpointStore.Open(Root);
        CheckpointInfo info = await store.SaveAsync(1);
        CheckpointInfo backup = await store.BackupAsync(info);

        // In place: where two names had the same bytes, this would reach both.
        foreach (CheckpointFileInfo file in info.Files)
        {
            using FileStream stream = new(info.GetPath(file.Name), FileMode.Open);
            stream.WriteByte((byte)'!');
            stream.SetLength(1);
        }

        await Assert.ThrowsAsync<AllCheckpointsDamagedException>(() => store.FindNewestValidAsync());
        Assert.Equal(this["backups", info.Id], backup.Directory);
        Assert.Empty(await store.VerifyAsync(backup));
        Assert.Equal(backup.Directory, store.Resolve(backup.Directory).Directory);
        Sample.AssertIs(store, CheckpointStore.Identify(backup.Directory));
    }

    [Fact]
    public async Task A_backup_survives_the_removal_of_the_checkpoint_in_either_mode()
    {
        foreach (BackupMode mode in Enum.GetValues<BackupMode>())
        {
            await using var store = CheckpointStore.Open(Root, new() { BackupMode = mode });
            CheckpointInfo info = await store.SaveAsync(1 + (long)mode);
            CheckpointInfo backup = await store.BackupAsync(info);
            store.Remove(info);

            Assert.Empty(await store.VerifyAsync(backup));
            Sample.AssertIs(store, backup);
        }
    }

    [SkippableFact]
    public async Task Hard_links_take_no_space_and_share_their_bytes_as_documented()
    {
        Skip.If(OperatingSystem.IsWindows(), "Asks stat.");
        await using var store = CheckpointStore.Open(Root, new() { BackupMode = BackupMode.HardLink });
        CheckpointInfo info = await store.SaveAsync(1);
        CheckpointInfo backup = await store.BackupAsync(info);
        using (FileStream stream = new(info.GetPath("model.safetensors"), FileMode.Open))
        {
            stream.WriteByte((byte)~Sample.Weights(1)[0]);
        }

        Assert.Equal(CheckpointProblemKind.WrongHash, Assert.Single(await store.VerifyAsync(backup)).Kind);
    }

    [Fact]
    public async Task A_damaged_checkpoint_is_not_backed_up()
    {
        await using var store = CheckpointStore.Open(Root);
        CheckpointInfo info = await store.SaveAsync(1);
        byte[] bytes = await File.ReadAllBytesAsync(info.GetPath("model.safetensors"));
        bytes[17] ^= 1;
        await File.WriteAllBytesAsync(info.GetPath("model.safetensors"), bytes);

        await Assert.ThrowsAsync<CheckpointDamagedException>(() => store.BackupAsync(info));

        Assert.Empty(store.ListBackups());
        Assert.Empty(Leftovers());
    }

    [Fact]
    public async Task Backups_are_bounded_and_the_new_one_stays()
    {
        await using var store = CheckpointStore.Open(Root, MemoryStore.KeepAll with { KeepBackups = 2 });
        CheckpointInfo first = await store.SaveAsync(1);
        foreach (long step in new long[] { 2, 3, 4 })
        {
            await store.BackupAsync(await store.SaveAsync(step));
        }

        Assert.Equal([4L, 3], store.ListBackups().Select(info => info.Step));
        await store.BackupAsync(first);
        Assert.Equal([4L, 1], store.ListBackups().Select(info => info.Step));
        store.Remove(store.ListBackups()[0]);
        Assert.Equal([1L], store.ListBackups().Select(info => info.Step));
        Assert.Equal(4, store.List().Count);
    }

    [Fact]
    public async Task A_backup_that_is_there_stays_as_it_is_and_a_damaged_one_is_made_anew()
    {
        await using var store = CheckpointStore.Open(Root);
        CheckpointInfo info = await store.SaveAsync(1);
        CheckpointInfo backup = await store.BackupAsync(info);
        string file = backup.GetPath("trainer.json");
        DateTime written = File.GetLastWriteTimeUtc(file);
        await store.BackupAsync(info);
        Assert.Equal(written, File.GetLastWriteTimeUtc(file));

        await File.WriteAllTextAsync(file, "damaged");
        Assert.Empty(await store.VerifyAsync(await store.BackupAsync(info)));
        Assert.Empty(Leftovers());
    }

    [Fact]
    public async Task A_checkpoint_of_another_store_is_not_changed_by_this_one()
    {
        await using var store = CheckpointStore.Open(Root);
        await using var other = CheckpointStore.Open(this["other"]);
        CheckpointInfo info = await other.SaveAsync(1);

        Assert.Throws<ArgumentException>(() => store.Remove(info));
        Assert.Throws<ArgumentException>(() => store.Pin(info));
        Assert.Throws<ArgumentException>(() => store.PutAside(info, "why"));
        Assert.Equal(info.Id, (await store.BackupAsync(info)).Id);
    }
}
