using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op Matmul = "aten::matmul", Mm = "aten::mm", Bmm = "aten::bmm", Mv = "torchsharp_system::mv", Dot = "aten::dot";
        private static readonly Op Addmm = "aten::addmm", Addmm_ = "aten::addmm_", Addmv = "torchsharp_system::addmv", Addbmm = "aten::addbmm";
        private static readonly Op Baddbmm = "aten::baddbmm", Outer = "aten::outer", Inner = "aten::inner", Trace = "aten::trace";

        public Tensor matmul(Tensor target) => Matmul.Call(this, target);

        public Tensor mm(Tensor target) => Mm.Call(this, target);

        public Tensor bmm(Tensor batch2) => Bmm.Call(this, batch2);

        public Tensor mv(Tensor target) => Mv.Call(this, target);

        public Tensor dot(Tensor target) => Dot.Call(this, target);

        public Tensor outer(Tensor vec2) => Outer.Call(this, vec2);

        public Tensor ger(Tensor vec2) => outer(vec2);

        public Tensor inner(Tensor vec2) => Inner.Call(this, vec2);

        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Addmm.Call(this, mat1, mat2, beta, alpha);

        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1)
        {
            Addmm_.Run(this, mat1, mat2, beta, alpha);
            return this;
        }

        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1.0f, float alpha = 1.0f) => Addmv.Call(this, mat, vec, beta, alpha);

        public Tensor addbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => Addbmm.Call(this, batch1, batch2, beta, alpha);

        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => Baddbmm.Call(this, batch1, batch2, beta, alpha);

        public Tensor trace()
        {
            if (ndim != 2)
                throw new ArgumentException($"Expected a matrix, but got tensor with ndim == {ndim}");
            return Trace.Call(this);
        }
    }
}
