using Tests.Shared;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Tensors;

public sealed class IndexingTests
{
    public static TheoryData<string, TensorIndex[], long[], long[]> Reads() => new()
    {
        { "x[1]", [1L], [3, 4], [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23] },
        { "x[-1, -1, -1]", [-1L, -1L, -1L], [], [23] },
        { "x[0, 1:3, ::2]", [0L, 1..3, TensorIndex.Slice(step: 2)], [2, 2], [4, 6, 8, 10] },
        { "x[..., -1]", [TensorIndex.Ellipsis, ^1], [2, 3], [3, 7, 11, 15, 19, 23] },
        { "x[1, ..., 0]", [1L, TensorIndex.Ellipsis, 0L], [3], [12, 16, 20] },
        { "x[:, None, 2, :2]", [TensorIndex.Colon, TensorIndex.None, 2L, TensorIndex.Slice(..2)], [2, 1, 2], [8, 9, 20, 21] },
        { "x[..., 1:-1, None]", [TensorIndex.Ellipsis, 1..^1, TensorIndex.None], [2, 3, 2, 1], [1, 2, 5, 6, 9, 10, 13, 14, 17, 18, 21, 22] },
        { "x[(0, 1), 0, 0]", [(0, 1), 0L, 0L], [1], [0] },
        { "x[5:]", [TensorIndex.Slice(5..)], [0, 3, 4], [] },
        { "x[True, 0, 0, 0]", [TensorIndex.Bool(true), 0L, 0L, 0L], [1], [0] },
        { "x[False]", [TensorIndex.Bool(false)], [0, 2, 3, 4], [] },
    };

    [Theory]
    [MemberData(nameof(Reads))]
    public void Reads_as_Python_does(string expression, TensorIndex[] indices, long[] shape, long[] values)
    {
        using var scope = NewDisposeScope();
        var result = arange(24).reshape(2, 3, 4)[indices];
        Assert.True(shape.SequenceEqual(result.shape), expression);
        Assert.Equal(values, result.data<long>().ToArray());
    }

    [Fact]
    public void Tensors_select_rows_points_and_masks()
    {
        using var scope = NewDisposeScope();
        var x = arange(12).reshape(3, 4);
        NumericAssert.Close([8, 9, 10, 11, 0, 1, 2, 3], x[tensor(new long[] { 2, 0 })].flatten());
        NumericAssert.Close([9, 3], x[tensor(new long[] { 2, 0 }), tensor(new long[] { 1, 3 })]);
        NumericAssert.Close([1, 5, 9], x[TensorIndex.Colon, TensorIndex.Tensor(tensor(new long[] { 1 }))].flatten());
        NumericAssert.Close([11], x[x.gt(10)]);
        NumericAssert.Close([4, 8], x[1.., TensorIndex.Tensor(tensor(new long[] { 0 }))].flatten());
        NumericAssert.Shape([2, 1, 4], x[tensor(new long[,] { { 0 }, { 2 } })]);
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => x[tensor(new long[] { 3 })]);
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => x[3]);
    }

    [Fact]
    public void Assignment_reaches_the_tensor_itself()
    {
        using var scope = NewDisposeScope();
        var x = zeros(3, 4);
        x[0] = ones(4);
        x[1, 2] = tensor(5f);
        x[2, 1..3] = tensor(new[] { 7f, 8 });
        NumericAssert.Close([1, 1, 1, 1, 0, 0, 5, 0, 0, 7, 8, 0], x);
        x[TensorIndex.Ellipsis, ^1] = full(1, 1, 3, 9.0);
        NumericAssert.Close([9, 9, 9], x[TensorIndex.Colon, 3]);
        x[x.gt(4)] = tensor(-1f);
        NumericAssert.Close([1, 1, 1, -1, 0, 0, -1, -1, 0, -1, -1, -1], x);
        x.index_put_(3, 0L, TensorIndex.Colon);
        NumericAssert.Close([3, 3, 3, 3], x[0]);
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => x[0] = ones(3));
    }

    [Fact]
    public void Repeated_positions_accumulate_where_asked()
    {
        using var scope = NewDisposeScope();
        var x = zeros(3);
        x.index_put_(ones(3), [tensor(new long[] { 0, 2, 0 })], accumulate: true);
        NumericAssert.Close([2, 0, 1], x);
        Assert.Throws<ArgumentException>(() => x.index_put_(ones(1), new TensorIndex[] { 0L }, accumulate: true));
    }

    [Fact]
    public void Indexing_leaves_no_intermediate_tensor()
    {
        using var x = arange(24).reshape(2, 3, 4);
        long live = LiveTensors.Settle();
        x[TensorIndex.Ellipsis, 1..3, TensorIndex.None, 0L].Dispose();
        using (var row = x[1, 0])
            x[0, 1] = row;
        Assert.Equal(live, Tensor.TotalCount);
    }

    [Fact]
    public void Rows_are_gathered_scattered_filled_and_copied()
    {
        using var scope = NewDisposeScope();
        var x = arange(6f, float32).reshape(2, 3);
        var columns = tensor(new long[] { 2, 0 });
        NumericAssert.Close([2, 0, 5, 3], x.index_select(1, columns).flatten());
        NumericAssert.Close([2, 3], x.gather(1, tensor(new long[,] { { 2 }, { 0 } })).flatten());
        NumericAssert.Close([9, 0, 9, 9, 0, 9], zeros(2, 3).index_fill_(1, columns, 9).flatten());
        NumericAssert.Close([2, 0, 1, 4, 0, 3], zeros(2, 3).index_copy_(1, columns, tensor(new[,] { { 1f, 2 }, { 3, 4 } })).flatten());
        NumericAssert.Close([1, 0, 1], zeros(3).scatter_(0, columns, ones(2)));
        NumericAssert.Close([2, 0, 0], zeros(3).scatter_add_(0, zeros(2, dtype: int64), ones(2)));
        NumericAssert.Close([0, 1, 2, -1, -1, -1], x.masked_fill(x.ge(3), -1).flatten());
        NumericAssert.Close([3, 4, 5], x.masked_select(x.ge(3)));
        NumericAssert.Close([1, 2, 4, 5], x.narrow(1, 1, 2).flatten());
        NumericAssert.Close([1, 4], x.select(1, 1));
        NumericAssert.Close([0, 2, 3, 5], x.slice(1, 0, 3, 2).flatten());
        NumericAssert.Close([0, 1, 1, 0, 1, 1], where(x.remainder(3).eq(0), zeros(1), ones(1)).flatten());
        Assert.Throws<ArgumentException>(() => x.index_copy_(1, columns.@int(), x));
        Assert.Throws<ArgumentException>(() => x.slice(0, 0, 1, 0));
    }
}
