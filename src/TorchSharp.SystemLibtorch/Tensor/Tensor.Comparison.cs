using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op Eq = "aten::eq.Tensor", EqScalar = "aten::eq.Scalar", Eq_ = "aten::eq_.Tensor", EqScalar_ = "aten::eq_.Scalar";
        private static readonly Op Ne = "aten::ne.Tensor", NeScalar = "aten::ne.Scalar", Ne_ = "aten::ne_.Tensor", NeScalar_ = "aten::ne_.Scalar";
        private static readonly Op Lt = "aten::lt.Tensor", LtScalar = "aten::lt.Scalar", Lt_ = "aten::lt_.Tensor", LtScalar_ = "aten::lt_.Scalar";
        private static readonly Op Le = "aten::le.Tensor", LeScalar = "aten::le.Scalar", Le_ = "aten::le_.Tensor", LeScalar_ = "aten::le_.Scalar";
        private static readonly Op Gt = "aten::gt.Tensor", GtScalar = "aten::gt.Scalar", Gt_ = "aten::gt_.Tensor", GtScalar_ = "aten::gt_.Scalar";
        private static readonly Op Ge = "aten::ge.Tensor", GeScalar = "aten::ge.Scalar", Ge_ = "aten::ge_.Tensor", GeScalar_ = "aten::ge_.Scalar";
        private static readonly Op Equal = "aten::equal", AllClose = "aten::allclose", IsClose = "aten::isclose";
        private static readonly Op IsNan = "aten::isnan", IsInf = "aten::isinf", IsFinite = "aten::isfinite";
        private static readonly Op IsPosInf = "aten::isposinf", IsNegInf = "aten::isneginf", IsIn = "aten::isin.Tensor_Tensor";
        private static readonly Op LogicalAnd = "aten::logical_and", LogicalOr = "aten::logical_or", LogicalXor = "aten::logical_xor";
        private static readonly Op LogicalAnd_ = "aten::logical_and_", LogicalOr_ = "aten::logical_or_", LogicalXor_ = "aten::logical_xor_";
        private static readonly Op LogicalNot = "aten::logical_not", LogicalNot_ = "aten::logical_not_";
        private static readonly Op BitwiseAnd = "aten::bitwise_and.Tensor", BitwiseOr = "aten::bitwise_or.Tensor";
        private static readonly Op BitwiseXor = "aten::bitwise_xor.Tensor", BitwiseNot = "aten::bitwise_not";
        private static readonly Op BitwiseAnd_ = "aten::bitwise_and_.Tensor", BitwiseOr_ = "aten::bitwise_or_.Tensor";

        public Tensor eq(Tensor target) => Eq.Call(this, target);

        public Tensor eq(Scalar target) => EqScalar.Call(this, target);

        public Tensor eq_(Tensor target) => InPlace(Eq_, target);

        public Tensor eq_(Scalar target) => InPlace(EqScalar_, target);

        public Tensor ne(Tensor target) => Ne.Call(this, target);

        public Tensor ne(Scalar target) => NeScalar.Call(this, target);

        public Tensor ne_(Tensor target) => InPlace(Ne_, target);

        public Tensor ne_(Scalar target) => InPlace(NeScalar_, target);

        public Tensor lt(Tensor target) => Lt.Call(this, target);

        public Tensor lt(Scalar target) => LtScalar.Call(this, target);

        public Tensor lt_(Tensor target) => InPlace(Lt_, target);

        public Tensor lt_(Scalar target) => InPlace(LtScalar_, target);

        public Tensor le(Tensor target) => Le.Call(this, target);

        public Tensor le(Scalar target) => LeScalar.Call(this, target);

        public Tensor le_(Tensor target) => InPlace(Le_, target);

        public Tensor le_(Scalar target) => InPlace(LeScalar_, target);

        public Tensor gt(Tensor target) => Gt.Call(this, target);

        public Tensor gt(Scalar target) => GtScalar.Call(this, target);

        public Tensor gt_(Tensor target) => InPlace(Gt_, target);

        public Tensor gt_(Scalar target) => InPlace(GtScalar_, target);

        public Tensor ge(Tensor target) => Ge.Call(this, target);

        public Tensor ge(Scalar target) => GeScalar.Call(this, target);

        public Tensor ge_(Tensor target) => InPlace(Ge_, target);

        public Tensor ge_(Scalar target) => InPlace(GeScalar_, target);

        /// <summary>Element by element, as <see cref="eq(Tensor)"/>; for one answer see <see cref="Equals(Tensor)"/>.</summary>
        public Tensor equal(Tensor target) => eq(target);

        public Tensor not_equal(Tensor target) => ne(target);

        public Tensor less(Tensor target) => lt(target);

        public Tensor less_equal(Tensor target) => le(target);

        public Tensor greater(Tensor target) => gt(target);

        public Tensor greater_equal(Tensor target) => ge(target);

        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
            target is not null && AllClose.CallValue(this, target, rtol, atol, equal_nan).Bits != 0;

        public Tensor isclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) =>
            IsClose.Call(this, other, rtol, atol, nanEqual);

        public Tensor isnan() => IsNan.Call(this);

        public Tensor isinf() => IsInf.Call(this);

        public Tensor isfinite() => IsFinite.Call(this);

        public Tensor isposinf() => IsPosInf.Call(this);

        public Tensor isneginf() => IsNegInf.Call(this);

        public Tensor isin(Tensor test_elements, bool assumeUnique = false, bool invert = false) =>
            IsIn.Call(this, test_elements, assumeUnique, invert);

        public Tensor logical_and(Tensor other) => LogicalAnd.Call(this, other);

        public Tensor logical_and_(Tensor other) => InPlace(LogicalAnd_, other);

        public Tensor logical_or(Tensor other) => LogicalOr.Call(this, other);

        public Tensor logical_or_(Tensor other) => InPlace(LogicalOr_, other);

        public Tensor logical_xor(Tensor other) => LogicalXor.Call(this, other);

        public Tensor logical_xor_(Tensor other) => InPlace(LogicalXor_, other);

        public Tensor logical_not() => LogicalNot.Call(this);

        public Tensor logical_not_() => InPlace(LogicalNot_);

        public Tensor bitwise_and(Tensor other) => BitwiseAnd.Call(this, other);

        public Tensor bitwise_and_(Tensor other) => InPlace(BitwiseAnd_, other);

        public Tensor bitwise_or(Tensor other) => BitwiseOr.Call(this, other);

        public Tensor bitwise_or_(Tensor other) => InPlace(BitwiseOr_, other);

        public Tensor bitwise_xor(Tensor other) => BitwiseXor.Call(this, other);

        public Tensor bitwise_not() => BitwiseNot.Call(this);
    }
}
