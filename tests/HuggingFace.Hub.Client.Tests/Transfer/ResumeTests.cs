namespace HuggingFace.Hub.Client.Tests;

public sealed class ResumeTests : HubTest
{
    private const int Size = 1024 * 1024;
    private const int Block = 64 * 1024;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancelled_download_goes_on_where_it_stopped(bool parallel)
    {
        Action<TestSetup> oneOrMany = setup => setup.Threshold = parallel ? 0 : long.MaxValue / 4;
        await CancelAtAsync(Size / 2, oneOrMany);
        Assert.False(File.Exists(Blob(Weights)));
        Assert.Equal(2, Leftovers().Length);
        Server.ForgetClients();

        var progress = new ProgressList();
        HubFile file = await Client(oneOrMany).DownloadFileAsync(Gpt2, Weights.Path, null, progress);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.InRange(Server.ContentBytes, 1, Size / 2);
        Assert.InRange(progress.Reports[0].FileBytes, 1, Size - 1);
        Assert.Equal(Server.ContentBytes, progress.Reports[^1].ReceivedBytes);
        Assert.Equal(Size - Server.ContentBytes, progress.Reports[0].FileBytes);
        Assert.Equal([Weights.Sha256], Blobs());
    }

    [Fact]
    public async Task Failed_download_is_resumed_by_another_client_without_locks_only_after_the_grace_time()
    {
        await CancelAtAsync(Size / 2, setup => setup.Threshold = 0);
        Server.ForgetClients();
        var noLocks = new HubTestSeams { LocksWork = false };

        HubFile young = await Client(setup => setup.Seams = noLocks).DownloadFileAsync(Gpt2, Weights.Path);
        Assert.Equal(Size, Server.ContentBytes);

        File.Delete(young.LocalPath);
        File.Delete(Blob(Weights));
        Assert.Equal(2, Leftovers().Length);
        MakeLeftoversOld();
        Server.ForgetClients();
        HubFile old = await Client(setup => setup.Seams = noLocks).DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(old.LocalPath));
        Assert.InRange(Server.ContentBytes, 1, Size / 2);
        Assert.Equal([Weights.Sha256], Blobs());
    }

    [Fact]
    public async Task Partial_of_another_machine_is_copied_not_shared_after_the_grace_time()
    {
        await CancelAtAsync(Size / 2, setup => setup.Threshold = 0);
        string map = Directory.GetFiles(Path.Combine(RepoCache, "blobs"), "*.map.incomplete").Single();
        ForgeHost(map);
        Server.ForgetClients();

        HubFile young = await Client().DownloadFileAsync(Gpt2, Weights.Path);
        Assert.Equal(Size, Server.ContentBytes);
        Assert.Equal(2, Leftovers().Length);

        File.Delete(young.LocalPath);
        File.Delete(Blob(Weights));
        MakeLeftoversOld();
        Server.ForgetClients();
        HubFile old = await Client().DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(old.LocalPath));
        Assert.InRange(Server.ContentBytes, 1, Size / 2);
    }

    [Fact]
    public async Task Damage_in_what_was_left_is_found_and_repaired()
    {
        await CancelAtAsync(Size / 2, setup => setup.Threshold = 0);
        string data = Directory.GetFiles(Path.Combine(RepoCache, "blobs"), "*.incomplete").Single(
            path => !path.EndsWith(".map.incomplete", StringComparison.Ordinal));
        await using (FileStream stream = File.OpenWrite(data))
        {
            stream.Position = 100;
            stream.Write(new byte[16]);
        }

        HubFile file = await Client().DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Contains("arrived damaged", Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(200)]
    public async Task Damaged_map_is_not_believed(int cutTo)
    {
        await CancelAtAsync(Size / 2, setup => setup.Threshold = 0);
        string map = Directory.GetFiles(Path.Combine(RepoCache, "blobs"), "*.map.incomplete").Single();
        byte[] bytes = await File.ReadAllBytesAsync(map);
        await File.WriteAllBytesAsync(map, bytes[..Math.Min(bytes.Length - 1, cutTo)]);

        HubFile file = await Client().DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
    }

    [Fact]
    public async Task Data_that_is_shorter_than_the_map_says_is_fetched_again()
    {
        await CancelAtAsync(Size / 2, setup => setup.Threshold = 0);
        string data = Directory.GetFiles(Path.Combine(RepoCache, "blobs"), "*.incomplete").Single(
            path => !path.EndsWith(".map.incomplete", StringComparison.Ordinal));
        using (FileStream stream = File.OpenWrite(data))
        {
            stream.SetLength(Block / 2);
        }

        Server.ForgetClients();
        HubFile file = await Client().DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Equal(Size - (Block / 2), Server.ContentBytes);
    }

    [Fact]
    public async Task Other_block_size_does_not_stop_a_resume()
    {
        await CancelAtAsync(Size / 2, setup => (setup.Threshold, setup.Block) = (0, 16 * 1024));
        Server.ForgetClients();

        HubFile file = await Client(setup => (setup.Threshold, setup.Block) = (0, 128 * 1024)).DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.InRange(Server.ContentBytes, 1, Size / 2);
    }

    [Fact]
    public async Task Full_disk_keeps_what_has_arrived()
    {
        long written = 0;
        var full = new HubTestSeams
        {
            BeforeWrite = (_, count) =>
            {
                if (Interlocked.Add(ref written, count) > Size / 2)
                {
                    throw new IOException("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28);
                }
            },
        };

        HubDiskSpaceException error = await Assert.ThrowsAsync<HubDiskSpaceException>(
            () => Client(setup => setup.Seams = full).DownloadFileAsync(Gpt2, Weights.Path));
        Assert.Equal(HubErrorCategory.Local, error.Category);
        Assert.InRange(error.RequiredBytes, 1, Size);
        Assert.Equal(2, Leftovers().Length);
        Server.ForgetClients();

        HubFile file = await Client().DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.InRange(Server.ContentBytes, 1, (Size / 2) + (4 * Block));
    }

    [SkippableFact]
    public async Task Disk_that_is_really_small_is_reckoned_with()
    {
        Directory.CreateDirectory(CacheDirectory);
        Skip.IfNot(OperatingSystem.IsLinux()
            && Run("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", CacheDirectory), "No file system can be mounted here.");
        try
        {
            HubDiskSpaceException told = await Assert.ThrowsAsync<HubDiskSpaceException>(
                () => Client().DownloadFileAsync(Gpt2, Weights.Path));
            Assert.InRange(told.AvailableBytes!.Value, 1, 512 * 1024);

            // Also when the system does not tell how much is free: the space is reserved before anything is asked for.
            var unknown = new HubTestSeams { AvailableSpace = _ => null };
            await Assert.ThrowsAsync<HubDiskSpaceException>(
                () => Client(setup => setup.Seams = unknown).DownloadFileAsync(Gpt2, Weights.Path));
            Assert.Equal(0, Server.ContentBytes);
            Assert.Empty(Blobs());

            // Just enough: what the partial of an interrupted download has reserved is not asked for a second time.
            Assert.True(Run("mount", "-o", "remount,size=1200k", CacheDirectory));
            await CancelAtAsync(Size / 2, setup => setup.Threshold = 0);
            Assert.InRange(new DriveInfo(CacheDirectory).AvailableFreeSpace, 0, Size / 4);
            HubFile file = await Client().DownloadFileAsync(Gpt2, Weights.Path);
            Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        }
        finally
        {
            Run("umount", CacheDirectory);
        }
    }

    [Fact]
    public async Task Too_little_space_for_the_selection_fails_before_the_first_byte()
    {
        var tight = new HubTestSeams { AvailableSpace = _ => Size };

        HubDiskSpaceException error = await Assert.ThrowsAsync<HubDiskSpaceException>(
            () => Client(setup => setup.Seams = tight).DownloadSnapshotAsync(Gpt2));

        Assert.Equal(Size + Config.Content.Length, error.RequiredBytes);
        Assert.Equal(Size, error.AvailableBytes);
        Assert.Contains("1,049,241", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, Server.ContentBytes);
    }

    [Fact]
    public async Task Space_that_a_partial_takes_already_is_not_asked_for_again()
    {
        await CancelAtAsync(Size / 2, setup => setup.Threshold = 0);
        var tight = new HubTestSeams { AvailableSpace = _ => Size * 3 / 4 };

        HubFile file = await Client(setup => setup.Seams = tight).DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Size, file.Size);
    }

    /// <summary>Cancels a download when so many bytes have been, or are just being, written.</summary>
    private async Task CancelAtAsync(long bytes, Action<TestSetup> change)
    {
        using var cancel = new CancellationTokenSource();
        long written = 0;
        HubClient hub = Client(setup =>
        {
            change(setup);
            setup.Seams = new HubTestSeams
            {
                BeforeWrite = (_, count) =>
                {
                    if (Interlocked.Add(ref written, count) >= bytes)
                    {
                        cancel.Cancel();
                    }
                },
            };
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hub.DownloadFileAsync(Gpt2, Weights.Path, null, null, cancel.Token));
    }

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using var process = System.Diagnostics.Process.Start(
                new System.Diagnostics.ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private void MakeLeftoversOld()
    {
        foreach (string name in Leftovers())
        {
            File.SetLastWriteTimeUtc(Path.Combine(RepoCache, "blobs", name), DateTime.UtcNow - TimeSpan.FromMinutes(10));
        }
    }

    /// <summary>Makes a map look as if another machine had written it.</summary>
    private static void ForgeHost(string map)
    {
        const int Host = 28, Check = 108;
        byte[] bytes = File.ReadAllBytes(map);
        bytes[Host] ^= 0xff;
        System.Security.Cryptography.SHA256.HashData(bytes.AsSpan(0, Check)).AsSpan(0, 8).CopyTo(bytes.AsSpan(Check));
        File.WriteAllBytes(map, bytes);
    }
}
