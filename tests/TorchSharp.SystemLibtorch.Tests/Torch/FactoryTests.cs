using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Torch;

public sealed class FactoryTests
{
    [Fact]
    public void Factories_make_the_default_dtype_unless_told()
    {
        using var scope = NewDisposeScope();
        Assert.All(new[] { empty(2), zeros(2, 3), ones(1, 2, 3), rand(4), randn(2, 2), eye(3), linspace(0, 1, 5) }, t => Assert.Equal(float32, t.dtype));
        Assert.Equal(bfloat16, zeros(2, 2, dtype: bfloat16).dtype);
        NumericAssert.Close([1, 0, 0, 1], eye(2).flatten());
        NumericAssert.Shape([1, 2, 3, 4], zeros(1, 2, 3, 4));
        NumericAssert.Shape([2, 3], ones(new long[] { 2, 3 }));
        NumericAssert.Shape([], zeros(Array.Empty<long>()));
    }

    [Fact]
    public void The_default_dtype_and_device_can_be_changed()
    {
        set_default_dtype(float64);
        set_default_device(META);
        try
        {
            using var x = zeros(2);
            Assert.Equal(float64, x.dtype);
            Assert.True(x.is_meta);
            Assert.Equal(float64, get_default_dtype());
        }
        finally
        {
            set_default_dtype(float32);
            set_default_device(CPU);
        }
    }

    [Fact]
    public void Whole_numbers_make_integers_where_nothing_else_is_said()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(int64, full(2, 1).dtype);
        Assert.Equal(float32, full(2, 1.0).dtype);
        Assert.Equal(int64, arange(3).dtype);
        Assert.Equal(float32, arange(0, 1, 0.25).dtype);
        NumericAssert.Close([0, 0.25, 0.5, 0.75], arange(0, 1, 0.25));
        NumericAssert.Close([2, 4], arange(2, 6, 2));
        Assert.Equal(int64, randint(0, 3, [4L]).dtype);
        Assert.Equal(float32, arange(3, float32).dtype);
    }

    [Fact]
    public void Arrays_of_every_type_keep_their_values_and_their_type()
    {
        using var scope = NewDisposeScope();
        Same(new[] { 1.5f, -2 }, tensor(new[] { 1.5f, -2 }), float32);
        Same(new[] { 1.5, -2 }, tensor(new[] { 1.5, -2 }), float64);
        Same(new long[] { 1L << 40, -2 }, tensor(new[] { 1L << 40, -2 }), int64);
        Same(new[] { 1 << 20, -2 }, tensor(new[] { 1 << 20, -2 }), int32);
        Same(new short[] { 300, -2 }, tensor(new short[] { 300, -2 }), int16);
        Same(new sbyte[] { 3, -2 }, tensor(new sbyte[] { 3, -2 }), int8);
        Same(new byte[] { 3, 255 }, tensor(new byte[] { 3, 255 }), uint8);
        Same(new[] { true, false }, tensor(new[] { true, false }), @bool);
        Same(new[] { (Half)1.5, (Half)(-2) }, tensor(new[] { (Half)1.5, (Half)(-2) }), float16);
        Same(new[] { (BFloat16)1.5f, (BFloat16)(-2f) }, tensor(new[] { (BFloat16)1.5f, (BFloat16)(-2f) }), bfloat16);

        static void Same<T>(T[] expected, Tensor actual, ScalarType dtype)
            where T : unmanaged
        {
            Assert.Equal(dtype, actual.dtype);
            Assert.Equal(expected, actual.data<T>().ToArray());
        }
    }

    [Fact]
    public void Numbers_make_tensors_without_dimensions()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(3.5f, tensor(3.5f).item<float>());
        Assert.Equal(3.5, tensor(3.5).item<double>());
        Assert.Equal(7L, tensor(7L).item<long>());
        Assert.Equal(7, tensor(7).item<int>());
        Assert.True(tensor(true).item<bool>());
        Assert.Equal(float16, tensor(1.0, dtype: float16).dtype);
        NumericAssert.Shape([], tensor(1f));
    }

    [Fact]
    public void Lists_matrices_and_memory_make_tensors_too()
    {
        using var scope = NewDisposeScope();
        var expected = new double[] { 1, 2, 3, 4, 5, 6 };
        NumericAssert.Close(expected, tensor(new List<float> { 1, 2, 3, 4, 5, 6 }, 2, 3).flatten());
        NumericAssert.Close(expected, tensor(new long[,] { { 1, 2, 3 }, { 4, 5, 6 } }).flatten());
        NumericAssert.Shape([2, 1, 3], tensor(new int[,,] { { { 1, 2, 3 } }, { { 4, 5, 6 } } }));
        NumericAssert.Shape([3, 2], tensor(new[] { 1f, 2, 3, 4, 5, 6 }, [3, 2]));
        NumericAssert.Shape([2], tensor(new Memory<double>([1, 2]), [2]));
        Assert.Equal(float16, tensor(new[] { 1f }, dtype: float16).dtype);
        Assert.Throws<ArgumentException>(() => tensor(new[] { 1f }, [2]));
        Assert.True(tensor(new[] { 1f }, requires_grad: true).requires_grad);
    }

    [Fact]
    public void A_tensor_does_not_see_what_becomes_of_its_array()
    {
        var array = new[] { 1f, 2 };
        using var x = tensor(array);
        array[0] = 9;
        NumericAssert.Close([1, 2], x);
    }

    [Fact]
    public void Likes_take_after_their_model()
    {
        using var scope = NewDisposeScope();
        var model = zeros(2, 3, dtype: float64);
        Assert.All(
            new[] { model.empty_like(), model.ones_like(), model.full_like(2), rand_like(model), randn_like(model), zeros_like(model), model.new_zeros([2, 3]) },
            t => Assert.True(t.dtype == float64 && t.shape.SequenceEqual([2L, 3L])));
        Assert.Equal(int32, model.ones_like(int32).dtype);
        NumericAssert.Close([2, 2], model.new_full(2, 2).to(float32));
        NumericAssert.Shape([1, 2, 3], model.new_ones(1, 2, 3));
        Assert.Equal(float64, model.new_empty(2).dtype);
    }

    [Fact]
    public void Meta_tensors_have_a_shape_and_no_memory()
    {
        using var scope = NewDisposeScope();
        var x = zeros(1L << 30, 1L << 10, device: META);
        NumericAssert.Shape([1L << 10, 1L << 10], x.t().mm(x));
        Assert.Equal("[1073741824x1024], type = Float32, device = meta", x.ToString());
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => x.cpu());
    }

    [Fact]
    public void Devices_are_described_and_those_that_are_missing_are_refused()
    {
        Assert.Equal(DeviceType.CUDA, new Device("cuda:1").type);
        Assert.Equal(1, new Device("cuda:1").index);
        Assert.Equal("cuda:1", new Device("cuda:1").ToString());
        Assert.Equal("cpu", device("cpu").ToString());
        Assert.Equal(cuda.is_available(), cuda.device_count() > 0);
        Assert.True(TryInitializeDeviceType(DeviceType.CPU));
        Assert.False(TryInitializeDeviceType(DeviceType.MPS));
        if (!cuda.is_available())
        {
            Assert.Throws<InvalidOperationException>(() => CUDA);
            Assert.Throws<InvalidOperationException>(() => zeros(1, device: new Device("cuda")));
            using var x = zeros(1);
            Assert.Throws<InvalidOperationException>(() => x.cuda());
            cuda.synchronize();
            cuda.manual_seed_all(1);
        }
    }

    [Fact]
    public void The_precision_of_matrix_products_on_CUDA_can_be_chosen()
    {
        bool before = backends.cuda.matmul.allow_tf32;
        backends.cuda.matmul.allow_tf32 = !before;
        Assert.Equal(!before, backends.cuda.matmul.allow_tf32);
        backends.cuda.matmul.allow_tf32 = before;
        backends.cudnn.allow_tf32 = backends.cudnn.allow_tf32;
    }
}
