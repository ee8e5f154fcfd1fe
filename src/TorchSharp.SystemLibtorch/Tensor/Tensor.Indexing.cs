using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op Narrow = "aten::narrow", Slice = "aten::slice.Tensor", Select = "aten::select.int";
        private static readonly Op IndexSelect = "aten::index_select", Gather = "aten::gather", Take = "aten::take";
        private static readonly Op TakeAlongDim = "aten::take_along_dim", MaskedSelect = "aten::masked_select";
        private static readonly Op IndexCopy = "aten::index_copy", IndexCopy_ = "aten::index_copy_";
        private static readonly Op IndexAdd = "aten::index_add", IndexAdd_ = "aten::index_add_";
        private static readonly Op IndexFill = "aten::index_fill.int_Scalar", IndexFill_ = "aten::index_fill_.int_Scalar";
        private static readonly Op Scatter = "aten::scatter.src", Scatter_ = "aten::scatter_.src";
        private static readonly Op ScatterAdd = "aten::scatter_add", ScatterAdd_ = "aten::scatter_add_";
        private static readonly Op MaskedFill = "aten::masked_fill.Scalar", MaskedFill_ = "aten::masked_fill_.Scalar";
        private static readonly Op MaskedScatter = "aten::masked_scatter", MaskedScatter_ = "aten::masked_scatter_";
        private static readonly Op Nonzero = "aten::nonzero", Argwhere = "aten::argwhere", Where = "aten::where.self";
        private static readonly Op Bucketize = "aten::bucketize.Tensor";

        public Tensor narrow(long dim, long start, long length) => Narrow.Call(this, dim, start, length);

        public Tensor slice(long dim, long start, long finish, long step)
        {
            if (step < 1)
                throw new ArgumentException($"step is {step}, but it should always be positive.");
            return Slice.Call(this, dim, start, finish, step);
        }

        public Tensor select(long dim, long index) => Select.Call(this, dim, index);

        public Tensor index_select(long dim, Tensor index) => IndexSelect.Call(this, dim, index);

        public Tensor gather(long dim, Tensor index) => Gather.Call(this, dim, index);

        public Tensor take(Tensor index) => Take.Call(this, index);

        public Tensor take_along_dim(Tensor indices, long dim) => TakeAlongDim.Call(this, indices, dim);

        public Tensor masked_select(Tensor mask)
        {
            if (mask.dtype != ScalarType.Bool)
                throw new ArgumentException("The mask tensor must be Boolean.");
            return MaskedSelect.Call(this, mask);
        }

        public Tensor index_copy(long dim, Tensor index, Tensor source) => IndexCopy.Call(this, dim, Int64Index(index), source);

        public Tensor index_copy_(long dim, Tensor index, Tensor source) => InPlace(IndexCopy_, dim, Int64Index(index), source);

        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) => IndexAdd.Call(this, dim, Int64Index(index), source, alpha);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha)
        {
            IndexAdd_.Run(this, dim, Int64Index(index), source, alpha);
            return this;
        }

        public Tensor index_fill(long dim, Tensor index, Scalar value) => IndexFill.Call(this, dim, Int64Index(index), value);

        public Tensor index_fill_(long dim, Tensor index, Scalar value) => InPlace(IndexFill_, dim, Int64Index(index), value);

        public Tensor scatter(long dim, Tensor index, Tensor src) => Scatter.Call(this, dim, index, src);

        public Tensor scatter_(long dim, Tensor index, Tensor src) => InPlace(Scatter_, dim, index, src);

        public Tensor scatter_add(long dim, Tensor index, Tensor src) => ScatterAdd.Call(this, dim, index, src);

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => InPlace(ScatterAdd_, dim, index, src);

        public Tensor masked_fill(Tensor mask, Scalar value) => MaskedFill.Call(this, mask, value);

        public Tensor masked_fill_(Tensor mask, Scalar value) => InPlace(MaskedFill_, mask, value);

        public Tensor masked_scatter(Tensor mask, Tensor value) => MaskedScatter.Call(this, mask, value);

        public Tensor masked_scatter_(Tensor mask, Tensor value) => InPlace(MaskedScatter_, mask, value);

        public Tensor nonzero() => Nonzero.Call(this);

        public Tensor argwhere() => Argwhere.Call(this);

        public Tensor where(Tensor condition, Tensor y)
        {
            if (condition.dtype != ScalarType.Bool)
                throw new ArgumentException("The condition to 'where' must be a boolean tensor.");
            return Where.Call(condition, this, y);
        }

        public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) => Bucketize.Call(this, boundaries, outInt32, right);

        private static Tensor Int64Index(Tensor index) =>
            index.dtype == ScalarType.Int64 ? index : throw new ArgumentException("Element type of 'index' must be 'Int64'");
    }
}
