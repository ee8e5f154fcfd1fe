using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Tensors;

public sealed class ShapeTests
{
    public static TheoryData<string, Func<Tensor, Tensor>, long[]> Shapes() => new()
    {
        { "view", x => x.view(6, -1), [6, 4] },
        { "reshape", x => x.reshape(4, 6), [4, 6] },
        { "flatten", x => x.flatten(), [24] },
        { "flatten tail", x => x.flatten(1), [2, 12] },
        { "unflatten", x => x.unflatten(2, 2, 2), [2, 3, 2, 2] },
        { "permute", x => x.permute(2, 0, 1), [4, 2, 3] },
        { "transpose", x => x.transpose(-1, 0), [4, 3, 2] },
        { "T", x => x.T, [4, 3, 2] },
        { "mT", x => x.mT, [2, 4, 3] },
        { "t", x => x[0].t(), [4, 3] },
        { "unsqueeze", x => x.unsqueeze(-1), [2, 3, 4, 1] },
        { "squeeze", x => x.unsqueeze(0).squeeze(0), [2, 3, 4] },
        { "squeeze all", x => x.unsqueeze(0).unsqueeze(2).squeeze(), [2, 3, 4] },
        { "expand", x => x.unsqueeze(0).expand(5, -1, -1, -1), [5, 2, 3, 4] },
        { "expand_as", x => x[0].expand_as(x), [2, 3, 4] },
        { "broadcast_to", x => x.broadcast_to(2, 2, 3, 4), [2, 2, 3, 4] },
        { "repeat", x => x.repeat(2, 1, 1, 3), [2, 2, 3, 12] },
        { "repeat_interleave", x => x.repeat_interleave(2, 1), [2, 6, 4] },
        { "movedim", x => x.movedim([0], [2]), [3, 4, 2] },
        { "stack", x => stack([x, x], 1), [2, 2, 3, 4] },
        { "cat", x => cat([x, x], -1), [2, 3, 8] },
        { "cat of a list", x => cat(new List<Tensor> { x, x, x }), [6, 3, 4] },
        { "hstack", x => hstack(x, x), [2, 6, 4] },
        { "diagonal", x => x.diagonal(), [4, 2] },
        { "unfold", x => x.unfold(2, 2, 1), [2, 3, 3, 2] },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Shapes_follow(string name, Func<Tensor, Tensor> change, long[] expected)
    {
        using var scope = NewDisposeScope();
        var result = change(arange(24).reshape(2, 3, 4));
        Assert.True(expected.SequenceEqual(result.shape), $"{name}: {result}");
        Assert.Equal(expected.Aggregate(1L, (a, b) => a * b), result.numel());
        Assert.Equal(expected.Length, result.dim());
    }

    [Fact]
    public void A_tensor_knows_its_layout()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, 3, 4);
        Assert.Equal([12, 4, 1], x.stride());
        Assert.Equal(4, x.stride(1));
        Assert.Equal(4, x.size(-1));
        Assert.Equal(3, x.ndim);
        Assert.Equal(4, x.element_size());
        Assert.True(x.is_contiguous());
        Assert.False(x.permute(2, 1, 0).is_contiguous());
        Assert.True(x.permute(2, 1, 0).contiguous().is_contiguous());
        Assert.Equal(5, x.narrow(0, 1, 1).view(12)[5..].storage_offset() - 12);
        Assert.True(x.is_cpu() && !x.is_cuda && !x.is_sparse && x.is_floating_point());
        Assert.False(x.is_pinned());
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => x.size(3));
        NumericAssert.Close([0, 2, 1, 3], arange(4).as_strided([2, 2], [1, 2]).flatten());
    }

    [Fact]
    public void Tensors_are_split()
    {
        using var scope = NewDisposeScope();
        var x = arange(10);
        Assert.Equal([4, 4, 2], x.split(4).Select(t => t.numel()));
        Assert.Equal([3, 7], x.split([3, 7], dim: 0).Select(t => t.numel()));
        Assert.Equal([4, 4, 2], x.chunk(3).Select(t => t.numel()));
        Assert.Equal(10, x.unbind().Length);
        x.split(5)[1].fill_(-1);
        NumericAssert.Close([-1], x[7]);
    }

    [Fact]
    public void Triangles_are_cut()
    {
        using var scope = NewDisposeScope();
        NumericAssert.Close([1, 0, 1, 1], ones(2, 2).tril().flatten());
        NumericAssert.Close([0, 1, 0, 0], ones(2, 2).triu(1).flatten());
        NumericAssert.Close([3, 0, 0, 4], tensor(new[] { 3f, 4 }).diag().flatten());
        NumericAssert.Close([2, 1, 0], arange(3).flip(0));
        NumericAssert.Close([2, 0, 1], arange(3).roll(1));
    }

    [Fact]
    public void Dtypes_convert()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.75, -1.75, 0 });
        Assert.Equal([1L, -1, 0], x.@long().data<long>());
        Assert.Equal([true, true, false], x.@bool().data<bool>());
        Assert.Equal(float16, x.half().dtype);
        Assert.Equal(bfloat16, x.to(bfloat16).dtype);
        Assert.Equal(int32, x.type(int32).dtype);
        Assert.Equal(float32, x.type_as(ones(1)).dtype);
        Assert.Equal(float32, x.to(ones(1)).dtype);
        var same = x.to(float64);
        Assert.NotSame(x, same);
        same.fill_(1);
        NumericAssert.Close([1, 1, 1], x);
        x.to(float64, copy: true).fill_(2);
        x.to(CPU, copy: true).fill_(2);
        NumericAssert.Close([1, 1, 1], x);
        x.to(float32, disposeAfter: true);
        Assert.True(x.IsInvalid);
    }

    [Fact]
    public void Sizes_are_made_from_numbers_and_tuples()
    {
        Size size = (2L, 3L);
        Assert.Equal(6, size.numel());
        Assert.Equal([2, 3, 4], (size + new Size(4L)).Shape);
        Assert.True(Size.Empty.IsScalar);
    }
}
