using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op View = "aten::view", Reshape = "aten::reshape", Flatten = "aten::flatten.using_ints";
        private static readonly Op Unflatten = "aten::unflatten.int", AsStrided = "aten::as_strided", Ravel = "aten::ravel";
        private static readonly Op Permute = "aten::permute", Transpose = "aten::transpose.int", Transpose_ = "aten::transpose_";
        private static readonly Op MatrixTranspose = "aten::t", Movedim = "aten::movedim.intlist", Flip = "aten::flip", Roll = "aten::roll";
        private static readonly Op Unsqueeze = "aten::unsqueeze", Unsqueeze_ = "aten::unsqueeze_";
        private static readonly Op Squeeze = "aten::squeeze", SqueezeDim = "aten::squeeze.dim";
        private static readonly Op Squeeze_ = "aten::squeeze_", SqueezeDim_ = "aten::squeeze_.dim";
        private static readonly Op Expand = "aten::expand", BroadcastTo = "aten::broadcast_to", Repeat = "aten::repeat", Tile = "aten::tile";
        private static readonly Op RepeatInterleave = "aten::repeat_interleave.self_int", RepeatInterleaveTensor = "aten::repeat_interleave.self_Tensor";
        private static readonly Op Split = "aten::split.Tensor", SplitSizes = "aten::split_with_sizes", Chunk = "aten::chunk", Unbind = "aten::unbind.int";
        private static readonly Op Unfold = "aten::unfold", Diagonal = "aten::diagonal", Diag = "aten::diag", DiagEmbed = "aten::diag_embed";
        private static readonly Op Tril = "aten::tril", Triu = "aten::triu", Tril_ = "aten::tril_", Triu_ = "aten::triu_";

        public Tensor T
        {
            get
            {
                var order = new long[ndim];
                for (int i = 0; i < order.Length; i++)
                    order[i] = order.Length - 1 - i;
                return permute(order);
            }
        }

        public Tensor mT => transpose(-2, -1);

        public Tensor view(params long[] shape) => View.Call(this, shape);

        public Tensor view_as(Tensor other) => view(other.shape);

        public Tensor reshape(params long[] shape) => Reshape.Call(this, shape);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Flatten.Call(this, start_dim, end_dim);

        public Tensor ravel() => Ravel.Call(this);

        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0L) => AsStrided.Call(this, size, strides, storageOffset);

        public Tensor permute(params long[] permutation) => Permute.Call(this, permutation);

        public Tensor permute(IEnumerable<long> permutation) => permute([.. permutation]);

        public Tensor transpose(long dim0, long dim1) => Transpose.Call(this, dim0, dim1);

        public Tensor transpose_(long dim0, long dim1) => InPlace(Transpose_, dim0, dim1);

        public Tensor swapaxes(long dim0, long dim1) => transpose(dim0, dim1);

        public Tensor swapdims(long dim0, long dim1) => transpose(dim0, dim1);

        public Tensor t() => MatrixTranspose.Call(this);

        public Tensor movedim(long[] source, long[] destination) => Movedim.Call(this, source, destination);

        public Tensor moveaxis(long[] source, long[] destination) => movedim(source, destination);

        public Tensor flip(params long[] dims) => Flip.Call(this, dims);

        public Tensor roll(long shifts, long? dims = null) => Roll.Call(this, new[] { shifts }, dims is { } d ? new[] { d } : Array.Empty<long>());

        public Tensor roll(long[] shifts, long[] dims) => Roll.Call(this, shifts, dims);

        public Tensor unsqueeze(long dim) => Unsqueeze.Call(this, dim);

        public Tensor unsqueeze_(long dim) => InPlace(Unsqueeze_, dim);

        public Tensor squeeze(long? dim = null) => dim is { } d ? SqueezeDim.Call(this, d) : Squeeze.Call(this);

        public Tensor squeeze_(long? dim = null) => dim is { } d ? InPlace(SqueezeDim_, d) : InPlace(Squeeze_);

        public Tensor expand(params long[] sizes) => Expand.Call(this, sizes);

        public Tensor expand(long[] sizes, bool isImplicit = false) => Expand.Call(this, sizes, isImplicit);

        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => Expand.Call(this, sizes, isImplicit);

        public Tensor expand(Size sizes, bool isImplicit = false) => Expand.Call(this, sizes.Shape, isImplicit);

        public Tensor expand_as(Tensor other) => Expand.Call(this, other.shape);

        public Tensor broadcast_to(params long[] shape) => BroadcastTo.Call(this, shape);

        public Tensor repeat(params long[] sizes) => Repeat.Call(this, sizes);

        public Tensor tile(long[] reps) => Tile.Call(this, reps);

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            RepeatInterleave.Call(this, repeats, dim, output_size);

        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) =>
            RepeatInterleaveTensor.Call(this, repeats, dim, output_size);

        public Tensor[] split(long size, int dim = 0) => Split.CallList(this, size, dim);

        public Tensor[] split(params long[] sizes) => SplitSizes.CallList(this, sizes);

        public Tensor[] split(long[] sizes, long dim = 0) => SplitSizes.CallList(this, sizes, dim);

        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => SplitSizes.CallList(this, sizes, dim);

        public Tensor[] chunk(long chunks, long dim = 0L) => Chunk.CallList(this, chunks, dim);

        public Tensor[] unbind(long dimension = 0L) => Unbind.CallList(this, dimension);

        public Tensor unfold(long dimension, long size, long step) => Unfold.Call(this, dimension, size, step);

        public Tensor unflatten(long dim, params long[] sizes)
        {
            if (dim < 0 || dim >= ndim)
                throw new ArgumentException($"Invalid 'dim' argument: {dim}.");
            if (sizes.Length == 0)
                throw new ArgumentException("The number of output sizes is zero.");
            return Unflatten.Call(this, dim, sizes);
        }

        public Tensor unflatten(long dim, Size sizes) => unflatten(dim, sizes.Shape);

        public Tensor diag(long diagonal = 0) => Diag.Call(this, diagonal);

        public Tensor diag_embed(long offset = 0L, long dim1 = -2L, long dim2 = -1L) => DiagEmbed.Call(this, offset, dim1, dim2);

        public Tensor diagonal(long offset = 0L, long dim1 = 0L, long dim2 = 1L)
        {
            if (dim1 == dim2)
                throw new ArgumentException($"Diagonal dimensions cannot be identical {dim1}, {dim2}");
            return Diagonal.Call(this, offset, dim1, dim2);
        }

        public Tensor tril(long diagonal = 0) => Tril.Call(this, diagonal);

        public Tensor triu(long diagonal = 0) => Triu.Call(this, diagonal);

        /// <summary>Zeroes what lies above the diagonal, in place; returns another tensor over the same memory.</summary>
        public Tensor tril_(long diagonal = 0) => Tril_.Call(this, diagonal);

        /// <summary>Zeroes what lies below the diagonal, in place; returns another tensor over the same memory.</summary>
        public Tensor triu_(long diagonal = 0) => Triu_.Call(this, diagonal);
    }
}
