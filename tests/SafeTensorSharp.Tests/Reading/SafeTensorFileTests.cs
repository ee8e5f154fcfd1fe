using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SafeTensorSharp.Tests;

public sealed class SafeTensorFileTests
{
    // The published gpt2 begins its data at byte 14,291.
    private const int Gpt2DataOffset = 14_291;

    [Fact]
    public void Identifying_reads_the_header_and_not_a_byte_more()
    {
        FakeSource source = new(Misaligned(Gpt2DataOffset));
        SafeTensorHeader header = HeaderReader.Read(source, new SafeTensorReadOptions());
        Assert.Equal(Gpt2DataOffset, source.BytesRead);
        Assert.Equal(Gpt2DataOffset, header.DataOffset);
        Assert.Equal(2, source.Reads);
    }

    [Fact]
    public async Task Identifying_asynchronously_reads_no_more_either()
    {
        FakeSource source = new(Misaligned(Gpt2DataOffset));
        await HeaderReader.ReadAsync(source, new SafeTensorReadOptions(), CancellationToken.None);
        Assert.Equal(Gpt2DataOffset, source.BytesRead);
    }

    [Fact]
    public void Reading_a_tensor_reads_its_bytes_and_no_more()
    {
        FakeSource source = new(Misaligned(Gpt2DataOffset));
        using SafeTensorFile file = source.Open();
        long before = source.BytesRead;
        file.Read(file.Header["f32"], new byte[400]);
        Assert.Equal(400, source.BytesRead - before);
    }

    [Theory]
    [InlineData(Gpt2DataOffset)]
    [InlineData(8285)]
    [InlineData(4096)]
    public void Reads_data_that_begins_anywhere(int dataOffset)
    {
        using TempDirectory directory = new();
        byte[] bytes = Misaligned(dataOffset);
        using SafeTensorFile file = SafeTensorFile.Open(directory.Write("m.safetensors", bytes));
        Assert.Equal(dataOffset, file.Header.DataOffset);
        Assert.Equal(dataOffset % 4 == 0, file.Header["f32"].IsAligned);
        float[] values = new float[100];
        file.Read(file.Header["f32"], MemoryMarshal.AsBytes(values.AsSpan()));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => i * 0.5f), values);
        Assert.Equal(bytes[(dataOffset + 400)..], file.ReadBytes("u8"));
    }

    [Fact]
    public unsafe void Reads_into_native_memory_and_leaves_its_surroundings_alone()
    {
        using TempDirectory directory = new();
        using SafeTensorFile file = SafeTensorFile.Open(directory.Write("m.safetensors", Misaligned(Gpt2DataOffset)));
        byte* memory = (byte*)NativeMemory.AllocZeroed(404);
        try
        {
            file.Read(file.Header["f32"], (nint)(memory + 2), 400);
            Assert.Equal(file.ReadBytes("f32"), new ReadOnlySpan<byte>(memory + 2, 400).ToArray());
            Assert.Equal(0, memory[0] | memory[1] | memory[402] | memory[403]);
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    [Fact]
    public async Task Reads_parts()
    {
        using TempDirectory directory = new();
        using SafeTensorFile file = await SafeTensorFile.OpenAsync(directory.Write("m.safetensors", Misaligned(Gpt2DataOffset)));
        byte[] whole = file.ReadBytes("f32");
        byte[] part = new byte[11];
        file.Read(file.Header["f32"], part, offset: 389);
        Assert.Equal(whole[389..], part);
        await file.ReadAsync(file.Header["f32"], part, offset: 7);
        Assert.Equal(whole[7..18], part);
        file.Read(file.Header["f32"], [], offset: 400);
    }

    [Fact]
    public async Task Loops_over_short_reads()
    {
        byte[] bytes = Misaligned(Gpt2DataOffset);
        FakeSource source = new(bytes) { MaxRead = 7 };
        using SafeTensorFile file = source.Open();
        Assert.Equal(bytes[Gpt2DataOffset..(Gpt2DataOffset + 400)], file.ReadBytes("f32"));
        byte[] part = new byte[100];
        await file.ReadAsync(file.Header["u8"], part, 1);
        Assert.Equal(bytes[(Gpt2DataOffset + 401)..(Gpt2DataOffset + 501)], part);
        Assert.Equal(2, (await HeaderReader.ReadAsync(source, new SafeTensorReadOptions(), CancellationToken.None)).Tensors.Count);
    }

    [Fact]
    public void Refuses_what_is_not_within_the_tensor()
    {
        using SafeTensorFile file = new FakeSource(Misaligned(Gpt2DataOffset)).Open();
        SafeTensorInfo tensor = file.Header["f32"];
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(tensor, new byte[401]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(tensor, new byte[400], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(tensor, new byte[1], -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(tensor, new byte[1], long.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(tensor, 1, -1));
        Assert.Throws<ArgumentNullException>(() => file.Read(tensor, 0, 4));
        Assert.Throws<ArgumentNullException>(() => file.Read(null!, new byte[1]));
    }

    [Fact]
    public void Takes_a_tensor_of_an_earlier_look_at_the_same_file_and_refuses_one_of_another()
    {
        byte[] bytes = Misaligned(Gpt2DataOffset);
        using SafeTensorFile file = new FakeSource(bytes).Open();
        file.Read(SafeTensorHeader.Parse(bytes, bytes.Length)["f32"], new byte[400]);
        byte[] other = Misaligned(8285);
        Assert.Throws<ArgumentException>(() => file.Read(SafeTensorHeader.Parse(other, other.Length)["f32"], new byte[400]));
    }

    [Fact]
    public void Is_closed_after_Dispose()
    {
        using TempDirectory directory = new();
        SafeTensorFile file = SafeTensorFile.Open(directory.Write("m.safetensors", Misaligned(4096)));
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.ReadBytes("f32"));
    }

    [Fact]
    public void Identifies_an_open_file_and_leaves_it_open()
    {
        using TempDirectory directory = new();
        string path = directory.Write("m.safetensors", Misaligned(4096));
        using FileStream stream = File.OpenRead(path);
        Assert.Equal(2, SafeTensorHeader.Identify(stream.SafeFileHandle, path).Tensors.Count);
        Assert.Equal(0, stream.Position);
        Assert.NotEqual(-1, stream.ReadByte());
    }

    [Fact]
    public void Leaves_what_the_system_says_of_missing_files_and_directories()
    {
        using TempDirectory directory = new();
        Assert.Throws<FileNotFoundException>(() => SafeTensorFile.Open(directory["none.safetensors"]));
        Assert.Throws<UnauthorizedAccessException>(() => SafeTensorFile.Open(directory.FullPath));
        Assert.Throws<ArgumentException>(() => SafeTensorFile.Open(""));
    }

    [SkippableTheory]
    [InlineData("pipe")]
    [InlineData("/dev/zero")]
    [InlineData("link to /dev/zero")]
    public async Task Does_not_open_what_only_looks_like_a_file(string what)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Elsewhere opening a pipe waits for its writer.");
        using TempDirectory directory = new();
        string path = what.StartsWith('/') ? what : directory["it"];
        if (what == "pipe")
        {
            await Process.Start("mkfifo", [path]).WaitForExitAsync();
        }
        else if (what.StartsWith("link", StringComparison.Ordinal))
        {
            File.CreateSymbolicLink(path, "/dev/zero");
        }

        // Nobody writes to the pipe: one that is opened never comes back.
        Task opening = Task.Run(() => SafeTensorFile.Open(path).Dispose());
        NotSafeTensorsException e = await Assert.ThrowsAsync<NotSafeTensorsException>(() => opening.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(DetectedFormat.NotSeekable, e.Detected);
        Assert.EndsWith(e.Remedy, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_concurrently()
    {
        using TempDirectory directory = new();
        byte[] bytes = Misaligned(Gpt2DataOffset);
        using SafeTensorFile file = SafeTensorFile.Open(directory.Write("m.safetensors", bytes));
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), async (i, ct) =>
        {
            byte[] part = new byte[200 - (i / 2)];
            await file.ReadAsync(file.Header["f32"], part, i, ct);
            Assert.Equal(bytes[(Gpt2DataOffset + i)..(Gpt2DataOffset + i + part.Length)], part);
        });
    }

    [Fact]
    public async Task Cancels()
    {
        using SafeTensorFile file = new FakeSource(Misaligned(4096)).Open();
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await file.ReadAsync(file.Header["f32"], new byte[400], cancellationToken: cancelled.Token));
        using TempDirectory directory = new();
        string path = directory.Write("m.safetensors", Misaligned(4096));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SafeTensorHeader.IdentifyAsync(path, cancellationToken: cancelled.Token));
        using FileStream alone = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    [SkippableFact]
    public void Reads_a_tensor_of_more_than_2_GB_from_a_sparse_file()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux is sure to make the file sparse.");
        long size = (5L << 29) + 3;
        using TempDirectory directory = new();
        string path = directory.Write("m.safetensors", RawFile.Build("{" + RawFile.Entry("big", "U8", $"[{size}]", 0, size) + "}"));
        using (FileStream stream = new(path, FileMode.Open))
        {
            stream.SetLength(stream.Length + size);
            stream.Seek(-1, SeekOrigin.End);
            stream.WriteByte(77);
        }

        using SafeTensorFile file = SafeTensorFile.Open(path);
        byte[] end = new byte[3];
        file.Read(file.Header["big"], end, size - 3);
        Assert.Equal([0, 0, 77], end);
        Assert.Throws<NotSupportedException>(() => file.ReadBytes("big"));
        using SafeTensorMapping mapping = file.Map();
        Assert.Throws<NotSupportedException>(() => { _ = mapping.GetSpan(file.Header["big"]).Length; });
        Assert.Equal(77, Marshal.ReadByte(mapping.GetAddress(file.Header["big"]) + (nint)size - 1));
    }

    /// <summary>Two tensors behind a header of any length: 100 floats that count by halves, then 203 bytes.</summary>
    private static byte[] Misaligned(int dataOffset)
    {
        string header = "{" + RawFile.Entry("f32", "F32", "[10,10]", 0, 400) + "," + RawFile.Entry("u8", "U8", "[203]", 400, 603) + "}";
        byte[] data = RawFile.Data(603);
        for (int i = 0; i < 100; i++)
        {
            BitConverter.TryWriteBytes(data.AsSpan(4 * i), i * 0.5f);
        }

        return RawFile.Build(System.Text.Encoding.UTF8.GetBytes(header.PadRight(dataOffset - 8)), data);
    }
}
