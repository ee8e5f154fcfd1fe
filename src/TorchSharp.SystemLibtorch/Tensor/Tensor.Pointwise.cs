using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op Abs = "aten::abs", Abs_ = "aten::abs_";
        private static readonly Op Ceil = "aten::ceil", Ceil_ = "aten::ceil_";
        private static readonly Op Cos = "aten::cos", Cos_ = "aten::cos_";
        private static readonly Op Cosh = "aten::cosh", Cosh_ = "aten::cosh_";
        private static readonly Op Erf = "aten::erf", Erf_ = "aten::erf_";
        private static readonly Op Erfc = "aten::erfc", Erfc_ = "aten::erfc_";
        private static readonly Op Exp = "aten::exp", Exp_ = "aten::exp_";
        private static readonly Op Exp2 = "aten::exp2", Exp2_ = "aten::exp2_";
        private static readonly Op Expm1 = "aten::expm1", Expm1_ = "aten::expm1_";
        private static readonly Op Floor = "aten::floor", Floor_ = "aten::floor_";
        private static readonly Op Frac = "aten::frac", Frac_ = "aten::frac_";
        private static readonly Op Log = "aten::log", Log_ = "aten::log_";
        private static readonly Op Log10 = "aten::log10", Log10_ = "aten::log10_";
        private static readonly Op Log1p = "aten::log1p", Log1p_ = "aten::log1p_";
        private static readonly Op Log2 = "aten::log2", Log2_ = "aten::log2_";
        private static readonly Op Neg = "aten::neg", Neg_ = "aten::neg_";
        private static readonly Op Reciprocal = "aten::reciprocal", Reciprocal_ = "aten::reciprocal_";
        private static readonly Op Rsqrt = "aten::rsqrt", Rsqrt_ = "aten::rsqrt_";
        private static readonly Op Sign = "aten::sign", Sign_ = "aten::sign_";
        private static readonly Op Sin = "aten::sin", Sin_ = "aten::sin_";
        private static readonly Op Sinh = "aten::sinh", Sinh_ = "aten::sinh_";
        private static readonly Op Sqrt = "aten::sqrt", Sqrt_ = "aten::sqrt_";
        private static readonly Op Tan = "aten::tan", Tan_ = "aten::tan_";
        private static readonly Op Tanh = "aten::tanh", Tanh_ = "aten::tanh_";
        private static readonly Op Trunc = "aten::trunc", Trunc_ = "aten::trunc_";
        private static readonly Op Sigmoid = "aten::sigmoid", Sigmoid_ = "aten::sigmoid_";
        private static readonly Op Acos = "aten::acos", Asin = "aten::asin", Atan = "aten::atan", Atan2 = "aten::atan2";
        private static readonly Op Round = "aten::round.decimals", Round_ = "aten::round_.decimals", Square = "aten::square";

        public Tensor abs() => Abs.Call(this);

        public Tensor abs_() => InPlace(Abs_);

        public Tensor ceil() => Ceil.Call(this);

        public Tensor ceil_() => InPlace(Ceil_);

        public Tensor cos() => Cos.Call(this);

        public Tensor cos_() => InPlace(Cos_);

        public Tensor cosh() => Cosh.Call(this);

        public Tensor cosh_() => InPlace(Cosh_);

        public Tensor erf() => Erf.Call(this);

        public Tensor erf_() => InPlace(Erf_);

        public Tensor erfc() => Erfc.Call(this);

        public Tensor erfc_() => InPlace(Erfc_);

        public Tensor exp() => Exp.Call(this);

        public Tensor exp_() => InPlace(Exp_);

        public Tensor exp2() => Exp2.Call(this);

        public Tensor exp2_() => InPlace(Exp2_);

        public Tensor expm1() => Expm1.Call(this);

        public Tensor expm1_() => InPlace(Expm1_);

        public Tensor floor() => Floor.Call(this);

        public Tensor floor_() => InPlace(Floor_);

        public Tensor frac() => Frac.Call(this);

        public Tensor frac_() => InPlace(Frac_);

        public Tensor log() => Log.Call(this);

        public Tensor log_() => InPlace(Log_);

        public Tensor log10() => Log10.Call(this);

        public Tensor log10_() => InPlace(Log10_);

        public Tensor log1p() => Log1p.Call(this);

        public Tensor log1p_() => InPlace(Log1p_);

        public Tensor log2() => Log2.Call(this);

        public Tensor log2_() => InPlace(Log2_);

        public Tensor neg() => Neg.Call(this);

        public Tensor neg_() => InPlace(Neg_);

        public Tensor reciprocal() => Reciprocal.Call(this);

        public Tensor reciprocal_() => InPlace(Reciprocal_);

        public Tensor rsqrt() => Rsqrt.Call(this);

        public Tensor rsqrt_() => InPlace(Rsqrt_);

        public Tensor sign() => Sign.Call(this);

        public Tensor sign_() => InPlace(Sign_);

        public Tensor sin() => Sin.Call(this);

        public Tensor sin_() => InPlace(Sin_);

        public Tensor sinh() => Sinh.Call(this);

        public Tensor sinh_() => InPlace(Sinh_);

        public Tensor sqrt() => Sqrt.Call(this);

        public Tensor sqrt_() => InPlace(Sqrt_);

        public Tensor tan() => Tan.Call(this);

        public Tensor tan_() => InPlace(Tan_);

        public Tensor tanh() => Tanh.Call(this);

        public Tensor tanh_() => InPlace(Tanh_);

        public Tensor trunc() => Trunc.Call(this);

        public Tensor trunc_() => InPlace(Trunc_);

        public Tensor sigmoid() => Sigmoid.Call(this);

        public Tensor sigmoid_() => InPlace(Sigmoid_);

        public Tensor absolute() => abs();

        public Tensor absolute_() => abs_();

        public Tensor negative() => neg();

        public Tensor acos() => Acos.Call(this);

        public Tensor asin() => Asin.Call(this);

        public Tensor atan() => Atan.Call(this);

        public Tensor atan2(Tensor other) => Atan2.Call(this, other);

        public Tensor round(long decimals = 0L) => Round.Call(this, decimals);

        public Tensor round_(long decimals = 0L) => InPlace(Round_, decimals);

        public Tensor square() => Square.Call(this);
    }
}
