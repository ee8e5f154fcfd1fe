using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op Normal_ = "aten::normal_", Uniform_ = "aten::uniform_", Exponential_ = "aten::exponential_";
        private static readonly Op Bernoulli = "aten::bernoulli", Bernoulli_ = "aten::bernoulli_.float", BernoulliTensor_ = "aten::bernoulli_.Tensor";
        private static readonly Op Multinomial = "aten::multinomial", Random_ = "aten::random_.from", LogNormal_ = "aten::log_normal_";
        private static readonly Op Cauchy_ = "aten::cauchy_", Geometric_ = "aten::geometric_", Poisson = "aten::poisson";

        public Tensor normal_(double mean = 0.0, double std = 1.0, Generator? generator = null) => InPlace(Normal_, mean, std, generator);

        public Tensor log_normal_(double mean = 0.0, double std = 1.0, Generator? generator = null) => InPlace(LogNormal_, mean, std, generator);

        public Tensor uniform_(double from, double to, Generator? generator = null) => InPlace(Uniform_, from, to, generator);

        public Tensor random_(double from, double to, Generator? generator = null) => InPlace(Random_, (long)from, (long)to, generator);

        public Tensor exponential_(double lambda = 1.0, Generator? generator = null) => InPlace(Exponential_, lambda, generator);

        public Tensor cauchy_(double median = 0.0, double sigma = 1.0, Generator? generator = null) => InPlace(Cauchy_, median, sigma, generator);

        public Tensor geometric_(double p, Generator? generator = null) => InPlace(Geometric_, p, generator);

        public Tensor bernoulli(Generator? generator = null) => Bernoulli.Call(this, generator);

        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => InPlace(Bernoulli_, p, generator);

        public Tensor bernoulli_(Tensor p, Generator? generator = null) => InPlace(BernoulliTensor_, p, generator);

        public Tensor poisson(Generator? generator = null) => Poisson.Call(this, generator);

        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) =>
            Multinomial.Call(this, num_samples, replacement, generator);
    }
}
