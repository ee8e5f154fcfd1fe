using System.Diagnostics;
using Tests.Shared;

namespace PyTorchCheckpoints.Tests;

/// <summary>Reading tensors: byte order, booleans, files that change meanwhile, and how little is read.</summary>
public sealed class DataTests
{
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Does_not_open_what_only_looks_like_a_file(bool isPipe)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Elsewhere opening a pipe waits for its writer.");
        using TemporaryDirectory directory = new();
        string path = isPipe ? directory["it"] : "/dev/zero";
        if (isPipe)
        {
            using var mkfifo = Process.Start("mkfifo", [path]);
            await mkfifo.WaitForExitAsync();
        }

        // Nobody writes to the pipe: one that is opened never comes back.
        Task opening = Task.Run(() => PyTorchCheckpoint.Open(path).Dispose());
        NotACheckpointException e = await Assert.ThrowsAsync<NotACheckpointException>(() => opening.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(DetectedContent.NotSeekable, e.Detected);
        Assert.Contains(isPipe ? "a pipe" : "a device", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HalfStorage", 2)]
    [InlineData("FloatStorage", 4)]
    [InlineData("LongStorage", 8)]
    [InlineData("ComplexFloatStorage", 4)]
    [InlineData("ComplexDoubleStorage", 8)]
    [InlineData("CharStorage", 1)]
    public void Turns_the_elements_of_big_endian_files(string storageClass, int width)
    {
        byte[] little = [.. Enumerable.Range(0, 96).Select(i => (byte)i)];
        byte[] big = [.. little.Chunk(width).SelectMany(chunk => chunk.Reverse())];
        GlobalValue type = (GlobalValue)GlobalTable.Find("torch", storageClass)!;
        int count = 96 / TorchDTypes.ElementSize(type.DType!.Value);
        byte[] pickle = PickleBuilder.Start().Dict(
            ("w", p => p.Tensor(q => q.Storage("0", count, storageClass), [count], [1])),
            ("t", p => p.Tensor(q => q.Storage("0", count, storageClass), [2, count / 2], [1, 2]))).Stop();
        using PyTorchCheckpoint file = Files.Open(ZipBuilder.Checkpoint(pickle, ("0", big)).With("archive/byteorder", "big"u8.ToArray()).ToArray());
        using PyTorchCheckpoint twin = Files.Open(ZipBuilder.Checkpoint(pickle, ("0", little)).With("archive/byteorder", "little"u8.ToArray()).ToArray());
        Assert.True(file.Header.IsBigEndian);
        Assert.Equal(little, file.ReadBytes(file.StateDict["w"]));
        Assert.Equal(twin.ReadBytes(twin.StateDict["t"]), file.ReadBytes(file.StateDict["t"]));
    }

    [Fact]
    public void Reads_a_view_of_a_legacy_storage()
    {
        byte[] pickle = PickleBuilder.Start().Dict(
            ("view", p => p.Tensor(LegacyBuilder.Id("7", 6, v => v.Tuple(q => q.Text("v"), q => q.Int(2), q => q.Int(3))), [2], [1], 1)),
            ("whole", p => p.Tensor(LegacyBuilder.Id("7", 6), [6], [1]))).Stop();
        using PyTorchCheckpoint file = Files.Open(new LegacyBuilder { Pickle = pickle, Keys = ["7"], Data = LegacyBuilder.Storage(6, Files.Bytes(Files.Range(6))) }.ToArray());
        Assert.Equal([3f, 4f], Files.Floats(file.ReadBytes(file.StateDict["view"])));
        Assert.Same(file.StateDict["view"].Storage, file.StateDict["whole"].Storage);
    }

    [Fact]
    public void Reads_old_and_new_ways_to_rebuild_a_tensor()
    {
        Action<PickleBuilder> storage = p => p.Storage("0", 4), zero = p => p.Int(0), two = p => p.Ints(2), one = p => p.Ints(1), no = p => p.False(), hooks = p => p.OrderedDict();
        Action<PickleBuilder> untyped = p => p.Storage("0", 16, "UntypedStorage", module: "torch.storage");
        byte[] bytes = ZipBuilder.Checkpoint(
            PickleBuilder.Start().Dict(
                ("old", p => p.Global("torch._utils", "_rebuild_tensor").Tuple(storage, zero, two, one).Op('R')),
                ("meta", p => p.Global("torch._utils", "_rebuild_tensor_v2").Tuple(storage, zero, two, one, no, hooks, q => q.Op('}')).Op('R')),
                ("wrapped", p => p.Global("torch._tensor", "_rebuild_from_type_v2").Tuple(q => q.Global("torch._utils", "_rebuild_tensor_v2"), q => q.Global("torch.nn.parameter", "Parameter"), q => q.Tuple(storage, zero, two, one, no, hooks), q => q.Op('}')).Op('R')),
                ("object", p => p.Global("torch.nn.parameter", "Parameter").Tuple(q => q.Tensor(storage, [2], [1]), q => q.True()).Raw(0x81)),
                ("state", p => p.Global("torch._utils", "_rebuild_parameter_with_state").Tuple(q => q.Tensor(storage, [2], [1]), q => q.True(), hooks, q => q.Op('}')).Op('R'))).Stop(),
            ("0", Files.Bytes(Files.Range(4)))).ToArray();
        using PyTorchCheckpoint file = Files.Open(bytes);
        Assert.All(file.StateDict.Tensors, tensor => Assert.Equal([0f, 1f], Files.Floats(file.ReadBytes(tensor))));
        Assert.Equal(["wrapped", "object", "state"], file.StateDict.Tensors.Where(tensor => tensor.IsParameter).Select(tensor => tensor.Name!));
        Assert.Equal([["old", "meta", "wrapped", "object", "state"]], file.StateDict.FindTies());

        byte[] v3 = ZipBuilder.Checkpoint(
            PickleBuilder.Start().Dict(("u16", p => p.Global("torch._utils", "_rebuild_tensor_v3").Tuple(untyped, q => q.Int(1), two, one, no, hooks, q => q.Global("torch", "uint16")).Op('R'))).Stop(),
            ("0", Files.Bytes<ushort>(1, 2, 3, 4, 5, 6, 7, 8))).ToArray();
        using PyTorchCheckpoint untypedFile = Files.Open(v3);
        Assert.Equal(TorchDType.UInt16, untypedFile.StateDict["u16"].DType);
        Assert.Equal(Files.Bytes<ushort>(2, 3), untypedFile.ReadBytes(untypedFile.StateDict["u16"]));
    }

    [Fact]
    public void A_boolean_is_0_or_1()
    {
        using PyTorchCheckpoint file = Files.Open(ZipBuilder.Checkpoint(
            PickleBuilder.Start().Dict(("mask", p => p.Tensor(q => q.Storage("0", 3, "BoolStorage"), [3], [1]))).Stop(), ("0", [1, 0, 2])).ToArray());
        CheckpointDataException e = Assert.Throws<CheckpointDataException>(() => file.ReadBytes(file.StateDict["mask"]));
        Assert.Equal((CheckpointErrorKind.InvalidBool, "mask"), (e.Kind, e.TensorName));
        file.Read(file.StateDict["mask"], new byte[2]);
    }

    [Theory]
    [InlineData(-1, CheckpointErrorKind.Truncated)]
    [InlineData(-200, CheckpointErrorKind.Truncated)]
    [InlineData(1, CheckpointErrorKind.ChangedDuringRead)]
    public void Case_36_a_file_that_changes_while_it_is_read_is_told(int change, CheckpointErrorKind kind)
    {
        byte[] bytes = Files.OneTensor(Files.Range(100), [100], [1]);
        MemorySource source = new(bytes);
        using PyTorchCheckpoint file = PyTorchCheckpoint.Open(source, new CheckpointReadOptions());
        file.ReadBytes(file.StateDict["w"]);
        source.Change(change < 0 ? bytes[..^-change] : [.. bytes, 0]);
        CheckpointDataException e = Assert.Throws<CheckpointDataException>(() => file.ReadBytes(file.StateDict["w"]));
        Assert.Equal((kind, "w"), (e.Kind, e.TensorName));
    }

    [Fact]
    public void Case_36_a_file_that_is_cut_anywhere_while_it_is_opened_is_told()
    {
        byte[] bytes = Files.OneTensor(Files.Range(100), [100], [1]);
        for (int reads = 0; reads < 12; reads++)
        {
            CuttingSource source = new(bytes, reads);
            Exception? e = Record.Exception(() => PyTorchCheckpoint.Open(source, new CheckpointReadOptions()).Dispose());
            Assert.True(e is null or CheckpointException, e?.ToString());
        }
    }

    [Fact]
    public void A_damaged_storage_is_found_when_asked_for()
    {
        byte[] bytes = ZipBuilder.Checkpoint(PickleBuilder.Start().Dict(("w", p => p.Tensor("0", 4))).Stop()).With(
            new ZipBuilder.Entry { Name = "archive/data/0", Content = new byte[16], Crc = 5 }).ToArray();
        using PyTorchCheckpoint file = Files.Open(bytes);
        Assert.Empty(file.Header.Warnings);
        file.ReadBytes(file.StateDict["w"]);
        Assert.Equal(CheckpointErrorKind.ChecksumMismatch, Assert.Throws<CheckpointDataException>(() => file.Verify()).Kind);
    }

    [Fact]
    public void Refuses_requests_that_make_no_sense()
    {
        using PyTorchCheckpoint file = Files.Open(Files.OneTensor(Files.Range(4), [4], [1])), other = Files.Open(Files.OneTensor(Files.Range(4), [4], [1]));
        PyTorchTensor tensor = file.StateDict["w"];
        Assert.Throws<ArgumentException>(() => other.Read(tensor, new byte[16]));
        Assert.Throws<ArgumentException>(() => file.Read(tensor, new byte[3]));
        Assert.Throws<ArgumentException>(() => file.Read(tensor, new byte[4], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(tensor, new byte[20]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(tensor, new byte[4], 16));
        Assert.Throws<ArgumentException>(() => file.ReadScalar(tensor));
        Assert.Throws<CheckpointNotFoundException>(() => file.ToJson("nothing/here"));
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Read(tensor, new byte[16]));
    }

    [Fact]
    public unsafe void Reads_into_native_memory()
    {
        using PyTorchCheckpoint file = Files.Open(Files.OneTensor(Files.Range(6), [2, 3], [1, 2]));
        float[] values = new float[4];
        fixed (float* address = values)
        {
            file.Read(file.StateDict["w"], (nint)address, 16, 8);
        }

        Assert.Equal([4f, 1f, 3f, 5f], values);
    }

    private sealed class CuttingSource(byte[] bytes, int after) : ByteSource
    {
        private int _reads;

        public override string? Path => null;

        public override long Length => _reads > after ? 40 : bytes.Length;

        public override int Read(Span<byte> destination, long position)
        {
            int length = _reads++ >= after ? 40 : bytes.Length;
            int count = (int)Math.Clamp(length - position, 0, destination.Length);
            bytes.AsSpan((int)Math.Min(position, length), count).CopyTo(destination);
            return count;
        }

        public override void Dispose()
        {
        }
    }
}
