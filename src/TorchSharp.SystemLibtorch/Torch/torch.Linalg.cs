using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Linear algebra.</summary>
    public static class linalg
    {
        private static readonly Op Norm = "aten::linalg_norm", NormNamed = "aten::linalg_norm.ord_str", VectorNorm = "aten::linalg_vector_norm";

        /// <summary>The vector norm of all elements, or over the given dimensions.</summary>
        public static Tensor vector_norm(Tensor input, double ord = 2d, long[]? dims = null, bool keepdim = false) =>
            VectorNorm.Call(input, ord, NoneIfEmpty(dims), keepdim);

        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) =>
            Norm.Call(input, default, NoneIfEmpty(dims), keepdim);

        public static Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Norm.Call(input, ord, NoneIfEmpty(dims), keepdim);

        public static Tensor norm(Tensor input, int ord, long[]? dims = null, bool keepdim = false) =>
            Norm.Call(input, ord, NoneIfEmpty(dims), keepdim);

        public static Tensor norm(Tensor input, string ord, long[]? dims = null, bool keepdim = false) =>
            NormNamed.Call(input, ord, NoneIfEmpty(dims), keepdim);

        private static long[]? NoneIfEmpty(long[]? dims) => dims is { Length: > 0 } ? dims : null;
    }
}
