namespace CheckpointStorage.Tests.Verification;

public sealed class CorruptionTests : StoreTest
{
    private static readonly string[] Files = ["model.safetensors", "trainer.json", "manifest.json"];

    public static TheoryData<string, string, int> Damages
    {
        get
        {
            TheoryData<string, string, int> data = [];
            foreach (string file in Files)
            {
                foreach (string how in new[] { "flipped", "cut", "emptied", "deleted", "longer", "zeroed", "directory" })
                {
                    data.Add(file, how, 1);
                    data.Add(file, how, 2);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_file_of_the_newest_makes_it_fall_back_and_puts_it_aside(string file, string how, int newest)
    {
        await using var store = CheckpointStore.Open(Root, MemoryStore.KeepAll);
        CheckpointInfo[] saved = [await store.SaveAsync(1, 3), await store.SaveAsync(2, 2), await store.SaveAsync(3, 1)];
        foreach (CheckpointInfo info in saved[^newest..])
        {
            Damage(Path.Combine(info.Directory, file), how);
        }

        CheckpointSearch search = await store.FindNewestValidAsync();

        CheckpointInfo expected = saved[^(newest + 1)];
        Assert.Equal(expected.Id, search.Checkpoint!.Id);
        Assert.Equal(saved[^newest..].Reverse().Select(info => info.Id), search.Damaged.Select(damaged => damaged.Id));
        Assert.All(search.Damaged, damaged => Assert.Contains(file, damaged.ToString(), StringComparison.Ordinal));
        Assert.All(search.Damaged, damaged => Assert.Contains(file, File.ReadAllText(Path.Combine(damaged.Directory, ".corrupt-reason")), StringComparison.Ordinal));
        Assert.Equal(search.Damaged.Select(damaged => damaged.Directory), store.ListQuarantined());
        Assert.Equal(saved[..^newest].Reverse().Select(info => info.Id), store.List().Select(info => info.Id));
        Assert.Equal(expected.Id + "\n", await File.ReadAllTextAsync(this["latest"]));
        Assert.Equal(expected.Id + "\n", await File.ReadAllTextAsync(this["best"]));
        Assert.Equal(expected.Id, (await store.FindNewestValidAsync()).Checkpoint!.Id);
        Sample.AssertIs(store, expected);
    }

    [Fact]
    public async Task When_all_are_damaged_it_says_so_and_never_that_there_are_none()
    {
        await using var store = CheckpointStore.Open(Root);
        CheckpointInfo[] saved = [await store.SaveAsync(1), await store.SaveAsync(2)];
        foreach (CheckpointInfo info in saved)
        {
            Damage(info.GetPath("trainer.json"), "cut");
        }

        string[] before = Names();
        var error = await Assert.ThrowsAsync<AllCheckpointsDamagedException>(() => store.FindNewestValidAsync());
        Assert.Equal(saved.Reverse().Select(info => info.Id), error.Damaged.Select(damaged => damaged.Id));
        Assert.Equal(before, Names());

        // Also when they were put aside earlier.
        store.PutAside(saved[0], "crashes the run");
        store.PutAside(saved[1], "crashes the run");
        Assert.Empty(store.List());
        error = await Assert.ThrowsAsync<AllCheckpointsDamagedException>(() => store.FindNewestValidAsync());
        Assert.All(error.Damaged, damaged => Assert.Contains("crashes the run", damaged.ToString(), StringComparison.Ordinal));
        await Assert.ThrowsAsync<AllCheckpointsDamagedException>(() => CheckpointStore.OpenRead(Root).FindNewestValidAsync());
    }

    [Fact]
    public async Task An_empty_store_has_none()
    {
        await using var store = CheckpointStore.Open(Root);
        CheckpointSearch search = await store.FindNewestValidAsync();
        Assert.Null(search.Checkpoint);
        Assert.Empty(search.Damaged);
    }

    [Fact]
    public async Task A_checkpoint_that_its_owner_cannot_use_is_put_aside_with_the_reason()
    {
        await using var store = CheckpointStore.Open(Root);
        await store.SaveAsync(1);
        CheckpointInfo info = await store.SaveAsync(2);
        string path = store.PutAside(info, "three crashes at this step");

        Assert.Equal("three crashes at this step\n", await File.ReadAllTextAsync(Path.Combine(path, ".corrupt-reason")));
        Assert.Equal(1, store.Resolve("latest").Step);
        Assert.Equal(1, (await store.FindNewestValidAsync()).Checkpoint!.Step);
    }

    [Fact]
    public async Task Quarantine_is_bounded()
    {
        await using var store = CheckpointStore.Open(Root, new() { KeepQuarantined = 2, Retention = new() { KeepLast = 3 } });
        for (int step = 1; step <= 5; step++)
        {
            await store.SaveAsync(step);
            CheckpointInfo bad = await store.SaveAsync(step + 100);
            store.PutAside(bad, "test");
        }

        await store.SaveAsync(6);
        Assert.Equal(2, store.ListQuarantined().Count);
        Assert.All(store.ListQuarantined(), path => Assert.Matches("step-0000010[45]-", path));
    }

    [Fact]
    public async Task Verifying_lists_everything_that_is_wrong()
    {
        await using var store = CheckpointStore.Open(Root);
        CheckpointInfo info = await store.SaveAsync(1);
        Assert.Empty(await store.VerifyAsync(info));
        Damage(info.GetPath("model.safetensors"), "flipped");
        Damage(info.GetPath("trainer.json"), "deleted");

        Assert.Equal(
            [(CheckpointProblemKind.WrongHash, "model.safetensors"), (CheckpointProblemKind.Missing, "trainer.json")],
            (await store.VerifyAsync(info)).Select(problem => (problem.Kind, problem.File!)));
    }

    [Fact]
    public async Task Reading_a_file_tells_at_its_end_when_it_is_not_what_was_saved()
    {
        await using var store = CheckpointStore.Open(Root);
        CheckpointInfo info = await store.SaveAsync(1);
        Damage(info.GetPath("model.safetensors"), "flipped");

        using Stream stream = store.OpenFile(info, "model.safetensors");
        byte[] buffer = new byte[info.Files[0].Length];
        stream.ReadExactly(buffer);
        var error = Assert.Throws<CheckpointDamagedException>(() => stream.ReadByte());
        Assert.Equal(CheckpointProblemKind.WrongHash, Assert.Single(error.Problems).Kind);
        Assert.Throws<CheckpointDamagedException>(() => store.ReadAllBytes(info, "model.safetensors"));
        Damage(info.GetPath("trainer.json"), "cut");
        Assert.Throws<CheckpointDamagedException>(() => store.OpenFile(info, "trainer.json"));
        Assert.Contains("trainer.json", Assert.Throws<CheckpointNotFoundException>(() => store.OpenFile(info, "weights")).Available);
    }

    [Fact]
    public async Task A_later_version_is_neither_damage_nor_passed_over()
    {
        await using var store = CheckpointStore.Open(Root);
        await store.SaveAsync(1);
        string path = Path.Combine((await store.SaveAsync(2)).Directory, "manifest.json");
        byte[] later = System.Text.Encoding.UTF8.GetBytes((await File.ReadAllTextAsync(path)).Replace("\"format_version\": 1", "\"format_version\": 9", StringComparison.Ordinal));
        string directory = this[new CheckpointName(2, DateTimeOffset.UtcNow.AddDays(1), IO.StoreDirectory.HashOf(later)).ToString()];
        Directory.Move(Path.GetDirectoryName(path)!, directory);
        await File.WriteAllBytesAsync(Path.Combine(directory, "manifest.json"), later);

        await Assert.ThrowsAsync<CheckpointFormatException>(() => store.FindNewestValidAsync());
        Assert.Throws<CheckpointFormatException>(() => store.Resolve("latest"));
        Assert.True(Directory.Exists(directory));
    }

    [Fact]
    public async Task A_copy_under_another_name_is_a_checkpoint_too()
    {
        await using var store = CheckpointStore.Open(Root);
        CheckpointInfo info = await store.SaveAsync(5, 2.5);
        string copy = this["my-best"];
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(info.Directory))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        Assert.Equal((5L, 2.5, "my-best"), (CheckpointStore.Identify(copy).Step, store.Resolve(copy).Metric!.Value, store.Resolve(copy).Id));
        Assert.Empty(await store.VerifyAsync(store.Resolve(copy)));
        Assert.Throws<CheckpointDamagedException>(() => CheckpointStore.Identify(this["nowhere"]));
    }

    [SkippableFact]
    public async Task A_pipe_in_place_of_a_file_is_not_waited_for()
    {
        Skip.If(OperatingSystem.IsWindows(), "No named pipes in the file system.");
        await using var store = CheckpointStore.Open(Root);
        await store.SaveAsync(1);
        CheckpointInfo info = await store.SaveAsync(2);
        foreach (string file in new[] { info.GetPath("trainer.json"), Path.Combine(info.Directory, "manifest.json") })
        {
            File.Delete(file);
            using var make = System.Diagnostics.Process.Start("mkfifo", [file]);
            await make.WaitForExitAsync();
            Assert.Equal(1, (await CheckpointStore.OpenRead(Root).FindNewestValidAsync()).Checkpoint!.Step);
        }
    }

    private static void Damage(string path, string how)
    {
        byte[] bytes = File.ReadAllBytes(path);
        File.Delete(path);
        switch (how)
        {
            case "flipped":
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            case "cut":
                File.WriteAllBytes(path, bytes[..^1]);
                break;
            case "emptied":
                File.WriteAllBytes(path, []);
                break;
            case "longer":
                File.WriteAllBytes(path, [.. bytes, 0]);
                break;
            case "zeroed":
                File.WriteAllBytes(path, new byte[bytes.Length]);
                break;
            case "directory":
                Directory.CreateDirectory(path);
                break;
        }
    }
}
