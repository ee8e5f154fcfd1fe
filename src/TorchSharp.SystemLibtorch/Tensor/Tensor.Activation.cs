using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op Relu = "aten::relu", Relu_ = "aten::relu_", Silu = "aten::silu", Silu_ = "aten::silu_";
        private static readonly Op Gelu = "aten::gelu", Gelu_ = "aten::gelu_", Elu = "aten::elu", Softplus = "aten::softplus";
        private static readonly Op LeakyRelu = "aten::leaky_relu", LeakyRelu_ = "aten::leaky_relu_", LogSigmoid = "aten::log_sigmoid";
        private static readonly Op Softmax = "aten::softmax.int", LogSoftmax = "aten::log_softmax.int";

        public Tensor relu() => Relu.Call(this);

        public Tensor relu_() => InPlace(Relu_);

        public Tensor silu() => Silu.Call(this);

        public Tensor silu_() => InPlace(Silu_);

        public Tensor gelu() => Gelu.Call(this);

        public Tensor gelu(GELU.Approximate approximate) => Gelu.Call(this, ApproximationName(approximate));

        /// <summary>In place; returns another tensor over the same memory.</summary>
        public Tensor gelu_() => Gelu_.Call(this);

        /// <summary>In place; returns another tensor over the same memory.</summary>
        public Tensor gelu_(GELU.Approximate approximate) => Gelu_.Call(this, ApproximationName(approximate));

        public Tensor leaky_relu(Scalar negative_slope) => LeakyRelu.Call(this, negative_slope);

        public Tensor leaky_relu_(Scalar negative_slope) => InPlace(LeakyRelu_, negative_slope);

        public Tensor elu(double alpha = 1) => Elu.Call(this, alpha);

        public Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale) => Elu.Call(this, alpha, scale, input_scale);

        public Tensor softplus(double beta = 1, double threshold = 20) => Softplus.Call(this, beta, threshold);

        public Tensor log_sigmoid() => LogSigmoid.Call(this);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Softmax.Call(this, dim, dtype);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => LogSoftmax.Call(this, dim, dtype);

        private static string ApproximationName(GELU.Approximate approximate) => approximate switch
        {
            GELU.Approximate.none => "none",
            GELU.Approximate.tanh => "tanh",
            _ => throw new ArgumentOutOfRangeException(nameof(approximate), approximate, "Unsupported GELU approximation method."),
        };
    }
}
