namespace PyTorchCheckpoints.Tests;

/// <summary>Tensors whose elements do not lie in a row, against the definition: element i is at offset + Σ index·stride.</summary>
public sealed class GatherTests
{
    public static TheoryData<string, int, long[], long[], long> Views => new()
    {
        { "transposed", 12, [4, 3], [1, 4], 0 },
        { "transposed three ways", 24, [4, 2, 3], [1, 12, 4], 0 },
        { "sliced columns", 20, [4, 2], [5, 1], 1 },
        { "every second row", 40, [4, 5], [10, 1], 5 },
        { "every second element", 20, [10], [2], 1 },
        { "expanded row", 4, [3, 4], [0, 1], 0 },
        { "expanded column", 4, [4, 3], [1, 0], 0 },
        { "expanded scalar", 1, [7, 2], [0, 0], 0 },
        { "offset only", 10, [3], [1], 7 },
        { "diagonal", 16, [4], [5], 0 },
        { "size one with an odd stride", 6, [1, 6], [77, 1], 0 },
        { "overlapping windows", 10, [7, 4], [1, 1], 0 },
        { "scalar with offset", 5, [], [], 3 },
    };

    [Theory]
    [MemberData(nameof(Views))]
    public void Reads_a_view_whole_and_in_every_part(string name, int count, long[] shape, long[] stride, long offset)
    {
        Assert.NotEmpty(name);
        float[] storage = Files.Range(count);
        using PyTorchCheckpoint file = Files.Open(Files.OneTensor(storage, shape, stride, offset));
        PyTorchTensor tensor = file.StateDict["w"];
        float[] expected = Expected(storage, shape, stride, offset);
        Assert.Equal(expected, Files.Floats(file.ReadBytes(tensor)));
        for (int first = 0; first <= expected.Length; first++)
        {
            for (int end = first; end <= expected.Length; end++)
            {
                byte[] part = new byte[(end - first) * 4];
                file.Read(tensor, part, first * 4);
                Assert.Equal(expected[first..end], Files.Floats(part));
            }
        }
    }

    [Fact]
    public void Reads_a_large_transposed_matrix_in_blocks_without_reading_it_many_times()
    {
        const int rows = 1500, columns = 700;
        float[] storage = Files.Range(rows * columns);
        MemorySource source = new(Files.OneTensor(storage, [columns, rows], [1, columns], 0));
        using PyTorchCheckpoint file = PyTorchCheckpoint.Open(source, new CheckpointReadOptions());
        PyTorchTensor tensor = file.StateDict["w"];
        Assert.False(tensor.IsContiguous);
        Assert.Equal(-1, file.GetFileOffset(tensor));
        float[] expected = Expected(storage, [columns, rows], [1, columns], 0);
        source.Reads.Clear();
        const int block = 1 << 19;
        for (int first = 0; first < expected.Length; first += block)
        {
            byte[] part = new byte[Math.Min(block, expected.Length - first) * 4];
            file.Read(tensor, part, first * 4L);
            Assert.Equal(expected[first..(first + (part.Length / 4))], Files.Floats(part));
        }

        // A block of 2 MB is at most a part of a row, whole rows, and a part of a row; each reads the file once at most.
        Assert.InRange(source.Reads.Sum(read => (long)read.Count), tensor.ByteCount, 9 * tensor.ByteCount);
    }

    [Fact]
    public void Random_views_of_random_storages_read_as_the_definition_says()
    {
        Random random = new(20_261_121);
        for (int round = 0; round < 400; round++)
        {
            int rank = random.Next(0, 5);
            long[] shape = [.. Enumerable.Range(0, rank).Select(_ => (long)random.Next(1, 7))];
            long[] stride = [.. Enumerable.Range(0, rank).Select(_ => (long)random.Next(0, 40))];
            long offset = random.Next(0, 5);
            float[] storage = Files.Range((int)(1 + offset + shape.Zip(stride, (n, s) => (n - 1) * s).Sum()) + random.Next(3));
            using PyTorchCheckpoint file = Files.Open(Files.OneTensor(storage, shape, stride, offset));
            PyTorchTensor tensor = file.StateDict["w"];
            float[] expected = Expected(storage, shape, stride, offset);
            Assert.Equal(expected, Files.Floats(file.ReadBytes(tensor)));
            int first = random.Next(expected.Length);
            byte[] part = new byte[random.Next(expected.Length - first + 1) * 4];
            file.Read(tensor, part, first * 4L);
            Assert.Equal(expected[first..(first + (part.Length / 4))], Files.Floats(part));
        }
    }

    [Theory]
    [InlineData("ByteStorage", TorchDType.UInt8)]
    [InlineData("HalfStorage", TorchDType.Float16)]
    [InlineData("DoubleStorage", TorchDType.Float64)]
    [InlineData("ComplexDoubleStorage", TorchDType.Complex128)]
    public void Gathers_elements_of_every_size(string storageClass, TorchDType dtype)
    {
        int size = TorchDTypes.ElementSize(dtype);
        byte[] content = [.. Enumerable.Range(0, 12 * size).Select(i => (byte)i)];
        using PyTorchCheckpoint file = Files.Open(ZipBuilder.Checkpoint(
            PickleBuilder.Start().Dict(("w", p => p.Tensor(q => q.Storage("0", 12, storageClass), [4, 3], [1, 4]))).Stop(), ("0", content)).ToArray());
        byte[] expected = [.. Enumerable.Range(0, 12).SelectMany(i => content.Skip((((i % 3) * 4) + (i / 3)) * size).Take(size))];
        Assert.Equal(expected, file.ReadBytes(file.StateDict["w"]));
    }

    [Fact]
    public void Zero_elements_with_any_stride_are_legal()
    {
        using PyTorchCheckpoint file = Files.Open(Files.OneTensor([1], [3, 0, 2], [long.MaxValue, 5, long.MaxValue], 100));
        Assert.Empty(file.ReadBytes(file.StateDict["w"]));
    }

    private static float[] Expected(float[] storage, long[] shape, long[] stride, long offset)
    {
        float[] result = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < result.Length; i++)
        {
            long place = offset;
            for (long d = shape.Length - 1, rest = i; d >= 0; rest /= shape[d], d--)
            {
                place += rest % shape[d] * stride[d];
            }

            result[i] = storage[place];
        }

        return result;
    }
}
