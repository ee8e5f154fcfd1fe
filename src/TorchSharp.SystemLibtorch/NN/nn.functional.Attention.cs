using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private const int FewQueries = 16;
            private static readonly Op FusedAttention = "aten::scaled_dot_product_attention";
            private static readonly Op CausalAttention = "torchsharp_system::causal_attention", OneTokenAttention = "torchsharp_system::one_token_attention";

            /// <summary>
            /// softmax(Q Kᵀ / √d) V over the last two dimensions, with dropout of probability <paramref name="p"/> on the
            /// softmax (also outside training). A boolean mask says who may be attended to; another mask is added to the
            /// scores. libtorch 2 has this fused; before, it is composed here.
            /// </summary>
            public static Tensor scaled_dot_product_attention(
                Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0.0, bool is_casual = false)
            {
                if (FusedAttention.Exists)
                    return FusedAttention.Call(query, key, value, attn_mask, p, is_casual);
                if (is_casual && attn_mask is not null)
                    throw new ArgumentException("Explicit attn_mask should not be set when is_casual is set.", nameof(attn_mask));
                return IsPlainCausal(query, key, value, attn_mask, p, is_casual) ? CausalAttention.Call(query, key, value)
                    : IsOneToken(query, key, value, attn_mask, p, is_casual) ? OneTokenAttention.Call(query, key, value, attn_mask)
                    : ComposedAttention(query, key, value, attn_mask, p, is_casual);
            }

            /// <summary>Causal attention of whole sequences on the CPU: half of its square need not be computed.</summary>
            private static bool IsPlainCausal(Tensor query, Tensor key, Tensor value, Tensor? mask, double p, bool causal) =>
                causal && mask is null && p == 0 &&
                query.device_type == DeviceType.CPU && query.dtype is (ScalarType.Float32 or ScalarType.Float64) && query.dim() == 4 &&
                query.shape.AsSpan().SequenceEqual(key.shape) && query.shape.AsSpan().SequenceEqual(value.shape) && query.numel() > 0;

            /// <summary>A token that is generated sees all that is cached: one query per head, or the few that share its keys.</summary>
            private static bool IsOneToken(Tensor query, Tensor key, Tensor value, Tensor? mask, double p, bool causal) =>
                !causal && p == 0 && query.device_type == DeviceType.CPU && query.dim() == 4 && query.size(2) <= FewQueries &&
                query.dtype is (ScalarType.Float32 or ScalarType.BFloat16) && key.dtype == query.dtype && value.dtype == query.dtype &&
                (mask is null || mask.dtype == ScalarType.Bool) && query.numel() > 0 && key.numel() > 0 &&
                key.shape.AsSpan().SequenceEqual(value.shape) && query.size(0) == key.size(0) && query.size(1) == key.size(1) && query.size(3) == key.size(3) &&
                !(is_grad_enabled() && (query.requires_grad || key.requires_grad || value.requires_grad));

            private static Tensor ComposedAttention(Tensor query, Tensor key, Tensor value, Tensor? mask, double p, bool causal)
            {
                using var scope = NewDisposeScope();
                // Half the scale on each side keeps the products in range in the narrow dtypes, as libtorch 2 does it.
                double scale = 1 / Math.Sqrt(Math.Sqrt(query.size(-1)));
                var scores = (query * scale).matmul((key * scale).transpose(-2, -1));
                if (causal)
                {
                    var past = ones(query.size(-2), key.size(-2), @bool, query.device).tril();
                    scores = scores.masked_fill(past.logical_not(), double.NegativeInfinity);
                }
                else if (mask is not null && mask.dtype == ScalarType.Bool)
                {
                    scores = scores.masked_fill(mask.logical_not(), double.NegativeInfinity);
                }
                else if (mask is not null)
                {
                    scores = scores.add(mask);
                }
                var weights = scores.softmax(-1);
                if (p > 0)
                    weights = dropout(weights, p);
                return weights.matmul(value).MoveToOuterDisposeScope();
            }
        }
    }
}
