namespace SafeTensorSharp.Tests;

/// <summary>A file appears whole or not at all, and what was there stays until then.</summary>
public sealed class AtomicWriteTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(99)]
    [InlineData(101)]
    [InlineData(5_000_000)]
    public void Refuses_a_source_that_delivers_another_number_of_bytes(int delivered)
    {
        using TempDirectory directory = new();
        SafeTensorEntry entry = SafeTensorEntry.FromWriter("a\n", DType.U8, [100], stream => stream.Write(new byte[delivered]));
        SafeTensorWriteException e = Assert.Throws<SafeTensorWriteException>(() => SafeTensorWriter.Write(directory["m"], [entry]));
        Assert.Equal((SafeTensorErrorKind.WrongByteCount, "a\n"), (e.Kind, e.TensorName));
        Assert.Contains(delivered.ToString("N0", System.Globalization.CultureInfo.InvariantCulture), e.Message, StringComparison.Ordinal);
        Assert.Empty(directory.Names());
    }

    [Fact]
    public void Refuses_bytes_in_memory_that_do_not_fit_the_shape()
    {
        using TempDirectory directory = new();
        SafeTensorEntry entry = SafeTensorEntry.FromBytes("a", DType.F32, [2], new byte[7]);
        Assert.Equal(SafeTensorErrorKind.WrongByteCount, Assert.Throws<SafeTensorWriteException>(() => SafeTensorWriter.Write(directory["m"], [entry])).Kind);
        Assert.Empty(directory.Names());
    }

    [Fact]
    public void Refuses_bytes_after_the_tensors_turn()
    {
        using TempDirectory directory = new();
        Stream? kept = null;
        SafeTensorEntry[] entries =
        [
            SafeTensorEntry.FromWriter("a", DType.U16, [1], stream => (kept = stream).Write([1, 2])),
            SafeTensorEntry.FromWriter("b", DType.U8, [1], _ => kept!.Write([3])),
        ];
        Assert.Throws<ObjectDisposedException>(() => SafeTensorWriter.Write(directory["m"], entries));
        Assert.Empty(directory.Names());
    }

    [Fact]
    public void Leaves_the_old_file_when_a_source_fails_and_passes_its_exception_on()
    {
        using TempDirectory directory = new();
        SafeTensorWriter.Write(directory["m"], [Entry("old", 10)]);
        byte[] old = File.ReadAllBytes(directory["m"]);
        SafeTensorEntry failing = SafeTensorEntry.FromWriter("z", DType.U8, [9_000_000], stream =>
        {
            stream.Write(new byte[8_000_000]);
            throw new TimeoutException("device");
        });
        Assert.Throws<TimeoutException>(() => SafeTensorWriter.Write(directory["m"], [Entry("a", 5_000_000), failing]));
        Assert.Equal(["m"], directory.Names());
        Assert.Equal(old, File.ReadAllBytes(directory["m"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Leaves_the_old_file_when_it_is_cancelled(bool hash)
    {
        using TempDirectory directory = new();
        SafeTensorWriter.Write(directory["m"], [Entry("old", 10)]);
        byte[] old = File.ReadAllBytes(directory["m"]);
        using CancellationTokenSource source = new();
        SafeTensorEntry cancelling = SafeTensorEntry.FromWriter("a", DType.U8, [20_000_000], stream =>
        {
            stream.Write(new byte[10_000_000]);
            source.Cancel();
            stream.Write(new byte[10_000_000]);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SafeTensorWriter.WriteAsync(
            directory["m"], [cancelling], options: new SafeTensorWriteOptions { ComputeSha256 = hash }, cancellationToken: source.Token));
        Assert.Equal(["m"], directory.Names());
        Assert.Equal(old, File.ReadAllBytes(directory["m"]));
    }

    [Fact]
    public void Cancels_between_small_tensors_too()
    {
        using TempDirectory directory = new();
        using CancellationTokenSource source = new();
        SafeTensorEntry[] entries =
        [
            SafeTensorEntry.FromWriter("a", DType.U8, [1], stream =>
            {
                source.Cancel();
                stream.WriteByte(0);
            }),
            SafeTensorEntry.FromWriter("b", DType.U8, [1], _ => Assert.Fail("The second tensor was asked for.")),
        ];
        Assert.ThrowsAny<OperationCanceledException>(() => SafeTensorWriter.Write(directory["m"], entries, cancellationToken: source.Token));
        Assert.Empty(directory.Names());
    }

    [Fact]
    public void The_name_appears_only_when_all_is_written()
    {
        using TempDirectory directory = new();
        SafeTensorEntry looking = SafeTensorEntry.FromWriter("a", DType.U8, [5_000_000], stream =>
        {
            stream.Write(new byte[5_000_000]);
            string temporary = Assert.Single(directory.Names());
            Assert.Matches(@"^\.model\.safetensors\.[0-9a-f]{12}\.tmp$", temporary);
        });
        SafeTensorWriter.Write(directory["model.safetensors"], [looking]);
        Assert.Equal(["model.safetensors"], directory.Names());
    }

    [Fact]
    public void Replaces_or_refuses_an_existing_file_as_asked()
    {
        using TempDirectory directory = new();
        SafeTensorWriter.Write(directory["m"], [Entry("old", 10)]);
        SafeTensorWriteException e = Assert.Throws<SafeTensorWriteException>(
            () => SafeTensorWriter.Write(directory["m"], [Entry("new", 10)], options: new SafeTensorWriteOptions { Overwrite = false }));
        Assert.Equal(SafeTensorErrorKind.TargetExists, e.Kind);
        Assert.Equal("old", SafeTensorHeader.Identify(directory["m"]).Tensors[0].Name);
        SafeTensorWriter.Write(directory["m"], [Entry("new", 10)]);
        Assert.Equal("new", SafeTensorHeader.Identify(directory["m"]).Tensors[0].Name);
        Assert.Equal(["m"], directory.Names());
    }

    [Fact]
    public void Refuses_a_file_that_appeared_meanwhile()
    {
        using TempDirectory directory = new();
        SafeTensorEntry slow = SafeTensorEntry.FromWriter("a", DType.U8, [1], stream =>
        {
            directory.Write("m", "other"u8);
            stream.WriteByte(0);
        });
        SafeTensorWriteException e = Assert.Throws<SafeTensorWriteException>(
            () => SafeTensorWriter.Write(directory["m"], [slow], options: new SafeTensorWriteOptions { Overwrite = false }));
        Assert.Equal(SafeTensorErrorKind.TargetExists, e.Kind);
        Assert.Equal("other", File.ReadAllText(directory["m"]));
        Assert.Equal(["m"], directory.Names());
    }

    [SkippableFact]
    public void Replaces_a_link_and_not_what_it_points_to()
    {
        Skip.If(OperatingSystem.IsWindows(), "Links need a privilege there.");
        using TempDirectory directory = new();
        string blob = directory.Write("blob", "content-addressed"u8);
        File.CreateSymbolicLink(directory["m"], blob);
        SafeTensorWriter.Write(directory["m"], [Entry("a", 1)]);
        Assert.Equal("content-addressed", File.ReadAllText(blob));
        Assert.Single(SafeTensorHeader.Identify(directory["m"]).Tensors);
    }

    [Fact]
    public void Says_that_the_directory_does_not_exist()
    {
        using TempDirectory directory = new();
        Assert.Throws<DirectoryNotFoundException>(() => SafeTensorWriter.Write(Path.Combine(directory["none"], "m"), [Entry("a", 1)]));
    }

    [Fact]
    public void Notices_that_there_is_not_enough_space_before_it_asks_for_a_tensor()
    {
        // Over the largest file of most file systems too, so that nothing could be reserved by mistake.
        using TempDirectory directory = new();
        SafeTensorEntry entry = SafeTensorEntry.FromWriter("a", DType.U8, [1L << 60], _ => Assert.Fail("The tensor was asked for."));
        IOException e = Assert.ThrowsAny<IOException>(() => SafeTensorWriter.Write(directory["m"], [entry]));
        Assert.Contains("1,152,921,504,606,8", e.Message, StringComparison.Ordinal);
        Assert.Equal(OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28, e.HResult);
        Assert.Empty(directory.Names());
    }

    [Fact]
    public void Reports_progress_to_the_last_byte()
    {
        using TempDirectory directory = new();
        List<SafeTensorProgress> reports = [];
        SafeTensorWriteResult result = SafeTensorWriter.Write(
            directory["m"], [Entry("a", 10_000_000), Entry("b", 3)], progress: new Immediate(reports.Add));
        Assert.True(reports.Count >= 3);
        Assert.Equal(reports.Select(r => r.BytesWritten).Order(), reports.Select(r => r.BytesWritten));
        Assert.All(reports, r => Assert.Equal(result.BytesWritten, r.TotalBytes));
        Assert.Equal(result.BytesWritten, reports[^1].BytesWritten);
        Assert.Contains("a", reports.Select(r => r.TensorName));
    }

    [Fact]
    public void Writes_without_holding_the_data()
    {
        using TempDirectory directory = new();
        byte[] portion = new byte[1 << 20];
        SafeTensorEntry[] entries =
        [
            .. Enumerable.Range(0, 8).Select(i => SafeTensorEntry.FromWriter($"t{i}", DType.U8, [16 << 20], stream =>
            {
                for (int k = 0; k < 16; k++)
                {
                    stream.Write(portion);
                }
            })),
        ];
        long before = GC.GetAllocatedBytesForCurrentThread();
        SafeTensorWriter.Write(directory["m"], entries, options: new SafeTensorWriteOptions { FlushToDisk = false });
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    private static SafeTensorEntry Entry(string name, int bytes) => SafeTensorEntry.FromBytes(name, DType.U8, [bytes], RawFile.Data(bytes));

    private sealed class Immediate(Action<SafeTensorProgress> report) : IProgress<SafeTensorProgress>
    {
        public void Report(SafeTensorProgress value) => report(value);
    }
}
