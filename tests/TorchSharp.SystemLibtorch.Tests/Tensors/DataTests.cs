using System.Buffers.Binary;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Tensors;

public sealed class DataTests
{
    [Fact]
    public void What_is_written_through_bytes_is_in_the_tensor()
    {
        using var x = zeros(2, 2);
        BinaryPrimitives.WriteSingleLittleEndian(x.bytes[4..], 2.5f);
        NumericAssert.Close([0, 2.5, 0, 0], x);
        x.bytes = new byte[16];
        NumericAssert.Close([0, 0, 0, 0], x);
        Assert.Throws<ArgumentException>(() => x.bytes = new byte[15]);
        Assert.Throws<InvalidOperationException>(() => ones(2, 3).t().bytes.Length);
    }

    [Fact]
    public unsafe void What_is_written_through_the_storage_is_in_the_tensor_and_its_views()
    {
        using var scope = NewDisposeScope();
        var x = zeros(4);
        var view = x.narrow(0, 1, 2);
        var storage = view.storage<float>();
        Assert.Equal(16UL, storage.nbytes());
        ((float*)storage.data_ptr())[2] = 7;
        NumericAssert.Close([0, 0, 7, 0], x);
        storage[1] = 5;
        NumericAssert.Close([5, 7], view);
        Assert.Equal(1, view.storage_offset());
        Assert.Throws<IndexOutOfRangeException>(() => storage[4]);
    }

    [Fact]
    public void The_narrow_floats_survive_the_way_in_and_out()
    {
        using var scope = NewDisposeScope();
        foreach (var dtype in new[] { float16, bfloat16 })
        {
            var x = tensor(new[] { 0f, 1, -2.5f, 65280, float.PositiveInfinity, 1e-3f }).to(dtype);
            Assert.Equal(2, x.ElementSize);
            Assert.Equal(0, x.sub(x.@float().to(dtype)).nan_to_num().abs().max().ToSingle());
        }
        var half = tensor(new[] { 1e-3f }).half();
        Assert.Equal((Half)1e-3f, half.item<Half>());
        Assert.Equal((float)(Half)1e-3f, half.ReadCpuFloat16(0));
        var brain = tensor(new[] { 1e-3f }).bfloat16();
        Assert.Equal((BFloat16)1e-3f, brain.item<BFloat16>());
        Assert.Equal(((BFloat16)1e-3f).ToSingle(), brain.ReadCpuBFloat16(0));
    }

    [Fact]
    public void BFloat16_rounds_as_libtorch_does()
    {
        using var scope = NewDisposeScope();
        var random = new Random(1);
        var numbers = Enumerable.Range(0, 2000).Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)))
            .Concat([0f, -0f, float.Epsilon, float.MaxValue, float.MinValue, float.NaN, float.NegativeInfinity, 1.00390625f, 1.01171875f]).ToArray();
        var expected = tensor(numbers).bfloat16().data<BFloat16>().ToArray();
        for (int i = 0; i < numbers.Length; i++)
            Assert.True(((BFloat16)numbers[i]).Equals(expected[i]), $"{numbers[i]:R}");
        Assert.Equal(finfo(bfloat16).max, (double)BFloat16.MaxValue);
        Assert.Equal(finfo(bfloat16).smallest_normal, (double)BFloat16.MinNormal);
    }

    [Fact]
    public void Reading_elements_checks_their_type_and_number()
    {
        using var scope = NewDisposeScope();
        var x = ones(2);
        Assert.Throws<ArgumentException>(() => x.item<float>());
        Assert.Throws<ArgumentException>(() => x[0].item<double>());
        Assert.Throws<ArgumentException>(() => x.data<int>());
        Assert.Throws<ArgumentException>(() => x.half().data<float>());
        Assert.Equal(1, (int)x[0]);
        Assert.Equal(1.0, (double)x[0]);
        Assert.True((bool)x[0]);
        Assert.True(x[0].is_nonzero());
        Assert.Throws<InvalidOperationException>(() => x.is_nonzero());
        Assert.Equal(1f, x.ReadCpuSingle(1));
        Assert.Equal(1f, x[1].ToScalar().ToSingle());
    }

    [Fact]
    public void Elements_come_row_by_row_whatever_the_strides()
    {
        using var scope = NewDisposeScope();
        var x = arange(6).reshape(2, 3).t();
        var data = x.data<long>();
        Assert.Equal(6, data.Count);
        Assert.Equal([0, 3, 1, 4, 2, 5], data.ToArray());
        Assert.Equal([0, 3, 1, 4, 2, 5], data);
        Assert.Equal(new long[,] { { 0, 3 }, { 1, 4 }, { 2, 5 } }, data.ToNDArray());
        Assert.Equal(4, data[1, 1]);
        Assert.Equal(1, data[2]);
        data[2, 0] = 9;
        Assert.Equal(9, x[2, 0].item<long>());
        var part = new long[3];
        data.CopyTo(part, 1, 4);
        Assert.Equal([0, 9, 5], part);
        data.CopyFrom([7, 8], 0, 1);
        Assert.Equal([0, 7, 8, 4, 9, 5], data.ToArray());
        Assert.Throws<IndexOutOfRangeException>(() => data[6]);
        Assert.Throws<IndexOutOfRangeException>(() => data[0, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => data.CopyTo(part, 0, 6));
        Assert.True(data == x.contiguous().data<long>());
        data.Dispose();
        Assert.Throws<ObjectDisposedException>(() => data[0]);
    }

    [Fact]
    public void Streams_fill_tensors_and_take_them_with_any_buffer()
    {
        using var scope = NewDisposeScope();
        var x = randn(7, 11);
        foreach (int buffer in new[] { 1, 13, 1024 })
        {
            using var stream = new MemoryStream();
            x.WriteBytesToStream(stream, buffer);
            Assert.Equal(x.bytes.ToArray(), stream.ToArray());
            stream.Position = 0;
            var y = empty(7, 11);
            y.ReadBytesFromStream(stream, buffer);
            Assert.True(y.Equals(x));
        }
        using var shorter = new MemoryStream(new byte[10]);
        Assert.Throws<EndOfStreamException>(() => x.ReadBytesFromStream(shorter));
    }

    [Fact]
    public void A_managed_array_can_be_the_tensor_s_memory()
    {
        var array = new[] { 1f, 2, 3, 4 };
        using (var x = frombuffer(array, float32, count: 2, offset: 1))
        {
            NumericAssert.Close([2, 3], x);
            x.fill_(9);
            Assert.Equal([1, 9, 9, 4], array);
            array[1] = 5;
            Assert.Equal(5f, x.ReadCpuSingle(0));
        }
        using var converted = frombuffer(array, float64);
        Assert.Equal(float64, converted.dtype);
        Assert.Throws<ArgumentException>(() => frombuffer(array, float32, offset: 4));
        Assert.Throws<IndexOutOfRangeException>(() => frombuffer(array, float32, count: 4, offset: 1));
    }

    [Fact]
    public void A_mapped_file_is_private_unless_it_is_to_be_shared()
    {
        var file = Path.GetTempFileName();
        try
        {
            var content = new byte[16];
            BinaryPrimitives.WriteSingleLittleEndian(content, 1.5f);
            File.WriteAllBytes(file, content);
            using (var x = from_file(file, false, 4))
            {
                NumericAssert.Close([1.5, 0, 0, 0], x);
                x.fill_(7);
                Assert.Equal(content, File.ReadAllBytes(file));
            }
            using (var shared = from_file(file, true, 2, int64))
                shared.fill_(3);
            Assert.Equal(3, BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(file)));
            var e = Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => from_file(file, false, 5));
            Assert.Contains("aten::from_file", e.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => from_file(file + ".none", false, 1));
    }

    [Fact]
    public void Tensors_compare_as_a_whole_and_element_by_element()
    {
        using var scope = NewDisposeScope();
        Tensor a = new[] { 1f, 2 }, b = new[] { 1f, 3 };
        Assert.False(a.Equals(b));
        Assert.True(a.Equals(a.clone()));
        Assert.Equal([true, false], a.equal(b).data<bool>());
        Assert.Equal([true, false], (a == b).data<bool>());
        Assert.True(a.allclose(b, atol: 1));
        Assert.False(a.allclose(null!));
    }

    [Fact]
    public void Set_makes_a_tensor_another_s_view()
    {
        using var scope = NewDisposeScope();
        Tensor a = zeros(1), b = ones(2, 3);
        Assert.Same(a, a.set_(b));
        NumericAssert.Shape([2, 3], a);
        a.fill_(4);
        Assert.Equal(4, b[1, 2].ToSingle());
    }
}
