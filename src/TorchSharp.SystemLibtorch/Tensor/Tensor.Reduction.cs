using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op Sum = "aten::sum", SumDims = "aten::sum.dim_IntList", Mean = "aten::mean", MeanDims = "aten::mean.dim";
        private static readonly Op Prod = "aten::prod", ProdDim = "aten::prod.dim_int", CountNonzero = "aten::count_nonzero.dim_IntList";
        private static readonly Op Var = "aten::var", VarDims = "aten::var.dim", Std = "aten::std", StdDims = "aten::std.dim";
        private static readonly Op VarMean = "aten::var_mean", VarMeanDims = "aten::var_mean.dim", Median = "aten::median";
        private static readonly Op Max = "aten::max", MaxDim = "aten::max.dim", Min = "aten::min", MinDim = "aten::min.dim";
        private static readonly Op Amax = "aten::amax", Amin = "aten::amin", ArgMax = "aten::argmax", ArgMin = "aten::argmin";
        private static readonly Op AmaxOut = "aten::amax.out", AminOut = "aten::amin.out", ArgSort = "aten::argsort";
        private static readonly Op All = "aten::all", AllDim = "aten::all.dim", Any = "aten::any", AnyDim = "aten::any.dim";
        private static readonly Op Norm = "aten::norm.Scalar", NormDim = "aten::norm.ScalarOpt_dim", Dist = "aten::dist";
        private static readonly Op CumSum = "aten::cumsum", CumProd = "aten::cumprod", LogSumExp = "aten::logsumexp";
        private static readonly Op LogCumSumExp = "aten::logcumsumexp", TopK = "aten::topk", SortStable = "aten::sort.stable";
        private static readonly Op KthValue = "aten::kthvalue", Unique = "aten::_unique2", UniqueDim = "aten::unique_dim", Bincount = "aten::bincount";
        private static readonly Op Quantile = "aten::quantile", Nansum = "aten::nansum";

        public Tensor sum(ScalarType? type = null) => Sum.Call(this, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);

        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1], keepdim, type);

        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1, dim2], keepdim, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => SumDims.Call(this, dim, keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) => SumDims.Call(this, dim, keepdim, type);

        public Tensor nansum() => Nansum.Call(this);

        public Tensor mean() => Mean.Call(this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) => MeanDims.Call(this, dimensions, keepdim, type);

        public Tensor prod(ScalarType? type = null) => Prod.Call(this, type);

        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => ProdDim.Call(this, dim, keepdim, type);

        public Tensor count_nonzero(long[]? dims = null) => CountNonzero.Call(this, dims ?? []);

        // TorchSharp's overloads of std and var take a dtype and ignore it.
        public Tensor var(bool unbiased = true) => Var.Call(this, unbiased);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var([dim], unbiased, keepdim, type);

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            VarDims.Call(this, dimensions, unbiased, keepdim);

        public Tensor var(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            VarDims.Call(this, dimensions, unbiased, keepdim);

        public Tensor std(bool unbiased = true) => Std.Call(this, unbiased);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std([dim], unbiased, keepdim, type);

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            StdDims.Call(this, dimensions, unbiased, keepdim);

        public Tensor std(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            StdDims.Call(this, dimensions, unbiased, keepdim);

        public (Tensor @var, Tensor mean) var_mean(bool unbiased = true) => VarMean.Call2(this, unbiased);

        public (Tensor @var, Tensor mean) var_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            VarMeanDims.Call2(this, new[] { dim }, unbiased, keepdim);

        public Tensor median() => Median.Call(this);

        public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) => Quantile.Call(this, q, dim, keepdim);

        public Tensor max() => Max.Call(this);

        public Tensor max(Tensor other) => maximum(other);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => MaxDim.Call2(this, dim, keepdim);

        public Tensor min() => Min.Call(this);

        public Tensor min(Tensor other) => minimum(other);

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => MinDim.Call2(this, dim, keepdim);

        public Tensor amax(params long[] dims) => Amax.Call(this, dims);

        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) => amax((ReadOnlySpan<long>)dims, keepdim, @out);

        public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null ? Amax.Call(this, dims, keepdim) : AmaxOut.Call(this, dims, keepdim, @out);

        public Tensor amin(params long[] dims) => Amin.Call(this, dims);

        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) => amin((ReadOnlySpan<long>)dims, keepdim, @out);

        public Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null ? Amin.Call(this, dims, keepdim) : AminOut.Call(this, dims, keepdim, @out);

        public Tensor argmax() => ArgMax.Call(this);

        public Tensor argmax(long dim, bool keepdim = false) => ArgMax.Call(this, dim, keepdim);

        public Tensor argmin() => ArgMin.Call(this);

        public Tensor argmin(long dim, bool keepdim = false) => ArgMin.Call(this, dim, keepdim);

        public Tensor argsort(long dim = -1, bool descending = false) => ArgSort.Call(this, dim, descending);

        public Tensor all() => All.Call(this);

        public Tensor all(long dim, bool keepdim = false) => AllDim.Call(this, dim, keepdim);

        public Tensor any() => Any.Call(this);

        public Tensor any(long dim, bool keepdim = false) => AnyDim.Call(this, dim, keepdim);

        public Tensor norm(float p = 2.0f) => Norm.Call(this, p);

        public Tensor norm(int dim, bool keepdim = false, float p = 2.0f) => NormDim.Call(this, p, new[] { (long)dim }, keepdim);

        public Tensor dist(Tensor other, float p = 2.0f) => Dist.Call(this, other, p);

        public Tensor cumsum(long dim, ScalarType? type = null) => CumSum.Call(this, dim, type);

        public Tensor cumprod(long dim, ScalarType? type = null) => CumProd.Call(this, dim, type);

        public Tensor logsumexp(long dim, bool keepdim = false) => LogSumExp.Call(this, new[] { dim }, keepdim);

        public Tensor logcumsumexp(long dim) => LogCumSumExp.Call(this, dim);

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            TopK.Call2(this, k, dim, largest, sorted);

        public (Tensor values, Tensor indices) kthvalue(long k, long? dim, bool keepdim = false) => KthValue.Call2(this, k, dim ?? -1, keepdim);

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            SortStable.Call2(this, stable, dim, descending);

        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(
            bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null)
        {
            var (output, inverse, counts) = dim is { } d
                ? UniqueDim.Call3(this, d, sorted, return_inverse, return_counts)
                : Unique.Call3(this, sorted, return_inverse, return_counts);
            return (output, return_inverse ? inverse : Drop(inverse), return_counts ? counts : Drop(counts));
        }

        public Tensor bincount(Tensor? weights, long minlength = 0) => Bincount.Call(this, weights, minlength);

        private static Tensor? Drop(Tensor tensor)
        {
            tensor.Dispose();
            return null;
        }
    }
}
