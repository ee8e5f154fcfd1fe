using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>How a division rounds: not at all, towards zero, or down.</summary>
    public enum RoundingMode
    {
        None,
        trunc,
        floor,
    }

    public partial class Tensor
    {
        private static readonly Op Add = "aten::add.Tensor", AddScalar = "aten::add.Scalar";
        private static readonly Op Add_ = "aten::add_.Tensor", AddScalar_ = "aten::add_.Scalar";
        private static readonly Op Sub = "aten::sub.Tensor", SubScalar = "aten::sub.Scalar";
        private static readonly Op Sub_ = "aten::sub_.Tensor", SubScalar_ = "aten::sub_.Scalar";
        private static readonly Op Rsub = "aten::rsub.Scalar";
        private static readonly Op Mul = "aten::mul.Tensor", MulScalar = "aten::mul.Scalar";
        private static readonly Op Mul_ = "aten::mul_.Tensor", MulScalar_ = "aten::mul_.Scalar";
        private static readonly Op Div = "aten::div.Tensor_mode", DivScalar = "aten::div.Scalar_mode";
        private static readonly Op Div_ = "aten::div_.Tensor_mode", DivScalar_ = "aten::div_.Scalar_mode";
        private static readonly Op Remainder = "aten::remainder.Tensor", RemainderScalar = "aten::remainder.Scalar";
        private static readonly Op Remainder_ = "aten::remainder_.Tensor", RemainderScalar_ = "aten::remainder_.Scalar";
        private static readonly Op Fmod = "aten::fmod.Tensor", FmodScalar = "aten::fmod.Scalar";
        private static readonly Op FloorDivide = "aten::floor_divide", FloorDivideScalar = "aten::floor_divide.Scalar";
        private static readonly Op Pow = "aten::pow.Tensor_Tensor", PowScalar = "aten::pow.Tensor_Scalar";
        private static readonly Op Pow_ = "aten::pow_.Tensor", PowScalar_ = "aten::pow_.Scalar";
        private static readonly Op Addcmul = "aten::addcmul", Addcmul_ = "aten::addcmul_";
        private static readonly Op Addcdiv = "aten::addcdiv", Addcdiv_ = "aten::addcdiv_";
        private static readonly Op Lerp = "aten::lerp.Tensor", Lerp_ = "aten::lerp_.Tensor";
        private static readonly Op Maximum = "aten::maximum", Minimum = "aten::minimum";
        private static readonly Op Clamp = "aten::clamp", ClampTensor = "aten::clamp.Tensor";
        private static readonly Op Clamp_ = "aten::clamp_", ClampTensor_ = "aten::clamp_.Tensor";
        private static readonly Op ClampMax = "aten::clamp_max", ClampMax_ = "aten::clamp_max_";
        private static readonly Op ClampMin = "aten::clamp_min", ClampMin_ = "aten::clamp_min_";
        private static readonly Op NanToNum = "aten::nan_to_num", NanToNum_ = "aten::nan_to_num_";

        public Tensor add(Tensor target) => Add.Call(this, target);

        public Tensor add(Tensor target, Scalar alpha) => Add.Call(this, target, alpha);

        public Tensor add(Scalar scalar) => AddScalar.Call(this, scalar);

        public Tensor add(Scalar scalar, Scalar alpha) => AddScalar.Call(this, scalar, alpha);

        public Tensor add_(Tensor target) => InPlace(Add_, target);

        public Tensor add_(Tensor target, Scalar alpha) => InPlace(Add_, target, alpha);

        public Tensor add_(Scalar scalar) => InPlace(AddScalar_, scalar);

        public Tensor add_(Scalar scalar, Scalar alpha) => InPlace(AddScalar_, scalar, alpha);

        public Tensor sub(Tensor target) => Sub.Call(this, target);

        public Tensor sub(Scalar target) => SubScalar.Call(this, target);

        public Tensor sub_(Tensor target) => InPlace(Sub_, target);

        public Tensor sub_(Scalar target) => InPlace(SubScalar_, target);

        public Tensor subtract(Tensor target) => sub(target);

        public Tensor subtract(Scalar target) => sub(target);

        public Tensor subtract_(Tensor target) => sub_(target);

        public Tensor subtract_(Scalar target) => sub_(target);

        public Tensor mul(Tensor target) => Mul.Call(this, target);

        public Tensor mul(Scalar target) => MulScalar.Call(this, target);

        public Tensor mul_(Tensor target) => InPlace(Mul_, target);

        public Tensor mul_(Scalar target) => InPlace(MulScalar_, target);

        public Tensor multiply(Tensor target) => mul(target);

        public Tensor multiply(Scalar target) => mul(target);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => Div.Call(this, target, Rounding(rounding_mode));

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => DivScalar.Call(this, target, Rounding(rounding_mode));

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => InPlace(Div_, target, Rounding(rounding_mode));

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => InPlace(DivScalar_, target, Rounding(rounding_mode));

        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

        public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

        public Tensor true_divide(Tensor other) => div(other);

        public Tensor true_divide(Scalar other) => div(other);

        public Tensor true_divide_(Tensor other) => div_(other);

        public Tensor true_divide_(Scalar other) => div_(other);

        public Tensor floor_divide(Tensor other) => FloorDivide.Call(this, other);

        public Tensor floor_divide(Scalar other) => FloorDivideScalar.Call(this, other);

        public Tensor remainder(Tensor target) => Remainder.Call(this, target);

        public Tensor remainder(Scalar scalar) => RemainderScalar.Call(this, scalar);

        public Tensor remainder_(Tensor target) => InPlace(Remainder_, target);

        public Tensor remainder_(Scalar scalar) => InPlace(RemainderScalar_, scalar);

        public Tensor fmod(Tensor target) => Fmod.Call(this, target);

        public Tensor fmod(Scalar scalar) => FmodScalar.Call(this, scalar);

        public Tensor pow(Tensor exponent) => Pow.Call(this, exponent);

        public Tensor pow(Scalar exponent) => PowScalar.Call(this, exponent);

        public Tensor pow_(Tensor exponent) => InPlace(Pow_, exponent);

        public Tensor pow_(Scalar exponent) => InPlace(PowScalar_, exponent);

        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Addcmul.Call(this, tensor1, tensor2, value);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => InPlace(Addcmul_, tensor1, tensor2, value);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Addcdiv.Call(this, tensor1, tensor2);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Addcdiv.Call(this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => InPlace(Addcdiv_, tensor1, tensor2);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => InPlace(Addcdiv_, tensor1, tensor2, value);

        public Tensor lerp(Tensor end, Tensor weight) => Lerp.Call(this, end, weight);

        public Tensor lerp_(Tensor end, Tensor weight) => InPlace(Lerp_, end, weight);

        public Tensor maximum(Tensor other) => Maximum.Call(this, other);

        public Tensor minimum(Tensor other) => Minimum.Call(this, other);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Clamp.Call(this, min, max);

        public Tensor clamp(Tensor? min = null, Tensor? max = null) => ClampTensor.Call(this, min, max);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => InPlace(Clamp_, min, max);

        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => InPlace(ClampTensor_, min, max);

        public Tensor clip(Scalar? min = null, Scalar? max = null) => clamp(min, max);

        public Tensor clamp_max(Scalar max) => ClampMax.Call(this, max);

        public Tensor clamp_max_(Scalar max) => InPlace(ClampMax_, max);

        public Tensor clamp_min(Scalar min) => ClampMin.Call(this, min);

        public Tensor clamp_min_(Scalar min) => InPlace(ClampMin_, min);

        public Tensor nan_to_num(double nan = 0d, double? posinf = null, double? neginf = null) => NanToNum.Call(this, nan, posinf, neginf);

        public Tensor nan_to_num_(double nan = 0d, double? posinf = null, double? neginf = null) => InPlace(NanToNum_, nan, posinf, neginf);

        private static Arg Rounding(RoundingMode mode) => mode switch
        {
            RoundingMode.trunc => "trunc",
            RoundingMode.floor => "floor",
            _ => default(Arg),
        };

        private Tensor InPlace(Op op)
        {
            op.Run(this);
            return this;
        }

        private Tensor InPlace(Op op, Arg first)
        {
            op.Run(this, first);
            return this;
        }

        private Tensor InPlace(Op op, Arg first, Arg second)
        {
            op.Run(this, first, second);
            return this;
        }

        private Tensor InPlace(Op op, Arg first, Arg second, Arg third)
        {
            op.Run(this, first, second, third);
            return this;
        }
    }
}
