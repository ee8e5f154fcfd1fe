using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Scales the gradients of all parameters by one factor, so that their common norm is at most max_norm.</summary>
            /// <returns>The norm before.</returns>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using var scope = NewDisposeScope();
                using var _ = no_grad();
                var gradients = tensors.Select(parameter => parameter.grad).OfType<Tensor>().ToArray();
                if (gradients.Length == 0)
                    return 0;
                var device = gradients[0].device;
                var norms = gradients.Select(gradient => linalg.vector_norm(gradient, norm_type).to(device)).ToArray();
                double norm = linalg.vector_norm(stack(norms), norm_type).to_type(ScalarType.Float64).item<double>();
                double scale = max_norm / (norm + 1e-6);
                if (scale < 1)
                {
                    foreach (var gradient in gradients)
                        gradient.mul_(scale);
                }
                return norm;
            }
        }
    }
}
