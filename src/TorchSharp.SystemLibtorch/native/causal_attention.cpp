// Causal attention with its gradient, for a libtorch that has none fused (before 2.0). One head at a time, so that its
// scores stay in the cache, and in blocks of queries, which see only the keys before them: about half of the square is
// never computed. What is kept for the gradient are the probabilities of the blocks, packed; without a gradient, nothing.
#include <ATen/Parallel.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/_softmax.h>
#include <ATen/ops/_softmax_backward_data.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_strided.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kBlock = 128;

// [heads, length, size] of a batch, one head: rows may be apart, elements of a row are not.
at::Tensor head(const at::Tensor& x, int64_t i) {
  return x.select(0, i / x.size(1)).select(0, i % x.size(1));
}

at::Tensor dense_rows(const at::Tensor& x) {
  return x.stride(3) == 1 ? x : x.contiguous();
}

// Positions outermost, then heads: what becomes [batch, length, width] again without a copy.
at::Tensor like(const at::Tensor& x) {
  auto b = x.size(0), h = x.size(1), t = x.size(2), d = x.size(3);
  return at::empty_strided({b, h, t, d}, {t * h * d, d, h * d, 1}, x.options());
}

// Where the probabilities of the block that begins at a query lie among those of its head.
int64_t packed_offset(int64_t start) {
  auto blocks = start / kBlock;
  return kBlock * kBlock * (blocks * (blocks + 1) / 2);
}

int64_t packed_length(int64_t length) {
  auto whole = length / kBlock * kBlock;
  return packed_offset(whole) + (length - whole) * length;
}

// packed takes the probabilities, where somebody needs them.
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor* packed) {
  auto heads = q.size(0) * q.size(1), length = q.size(2);
  auto scale = 1 / std::sqrt(static_cast<double>(q.size(3)));
  auto out = like(q);
  auto future = at::ones({kBlock, kBlock}, q.options().dtype(at::kBool)).triu(1);
  at::parallel_for(0, heads, 1, [&](int64_t from, int64_t to) {
    at::AutoDispatchBelowADInplaceOrView below;
    at::Tensor scratch;
    if (!packed) scratch = at::empty({std::min(kBlock, length) * length}, q.options());
    for (int64_t i = from; i < to; i++) {
      auto qs = head(q, i).mul(scale), ki = head(k, i), vi = head(v, i), oi = head(out, i);
      auto saved = packed ? packed->select(0, i) : scratch;
      for (int64_t start = 0; start < length; start += kBlock) {
        auto rows = std::min(kBlock, length - start), end = start + rows;
        auto scores = at::mm(qs.narrow(0, start, rows), ki.narrow(0, 0, end).t());
        scores.narrow(1, start, rows)
            .masked_fill_(future.narrow(0, 0, rows).narrow(1, 0, rows), -std::numeric_limits<double>::infinity());
        auto p = saved.narrow(0, packed ? packed_offset(start) : 0, rows * end).view({rows, end});
        at::_softmax_out(p, scores, -1, false);
        auto o = oi.narrow(0, start, rows);
        at::mm_out(o, p, vi.narrow(0, 0, end));
      }
    }
  });
  return out;
}

class CausalAttention : public torch::autograd::Function<CausalAttention> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& query, const at::Tensor& key, const at::Tensor& value) {
    auto q = dense_rows(query), k = dense_rows(key), v = dense_rows(value);
    auto packed = at::empty({q.size(0) * q.size(1), packed_length(q.size(2))}, q.options());
    auto out = attend(q, k, v, &packed);
    context->save_for_backward({q, k, v, packed});
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    TORCH_CHECK(!at::GradMode::is_enabled(), "causal attention has no second derivative here; give it a mask instead");
    auto saved = context->get_saved_variables();
    auto &q = saved[0], &k = saved[1], &v = saved[2], &packed = saved[3];
    auto g = dense_rows(gradients[0]);
    auto dq = like(q), dk = like(k), dv = like(v);
    auto heads = q.size(0) * q.size(1), length = q.size(2), last = (length - 1) / kBlock * kBlock;
    auto scale = 1 / std::sqrt(static_cast<double>(q.size(3)));
    at::parallel_for(0, heads, 1, [&](int64_t from, int64_t to) {
      at::AutoDispatchBelowADInplaceOrView below;
      for (int64_t i = from; i < to; i++) {
        auto qs = head(q, i).mul(scale), ki = head(k, i), vi = head(v, i), gi = head(g, i);
        auto dqi = head(dq, i), dki = head(dk, i), dvi = head(dv, i), kept = packed.select(0, i);
        // The last block sees every key: it writes what the others add to.
        for (int64_t start = last; start >= 0; start -= kBlock) {
          auto rows = std::min(kBlock, length - start), end = start + rows;
          auto p = kept.narrow(0, packed_offset(start), rows * end).view({rows, end});
          auto go = gi.narrow(0, start, rows);
          auto ds = at::_softmax_backward_data(at::mm(go, vi.narrow(0, 0, end).t()), p, -1, p.scalar_type());
          auto dqb = dqi.narrow(0, start, rows);
          at::mm_out(dqb, ds, ki.narrow(0, 0, end));
          dqb.mul_(scale);
          if (start == last) {
            at::mm_out(dvi, p.t(), go);
            at::mm_out(dki, ds.t(), qs.narrow(0, start, rows));
          } else {
            dvi.narrow(0, 0, end).addmm_(p.t(), go);
            dki.narrow(0, 0, end).addmm_(ds.t(), qs.narrow(0, start, rows));
          }
        }
      }
    });
    return {dq, dk, dv};
  }
};

at::Tensor causal_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value) {
  TORCH_CHECK(
      query.dim() == 4 && query.sizes() == key.sizes() && query.sizes() == value.sizes() && query.numel() > 0,
      "causal_attention takes queries, keys and values of one shape, [batch, heads, length, size]");
  bool learns = c10::GradMode::is_enabled() && (query.requires_grad() || key.requires_grad() || value.requires_grad());
  return learns ? CausalAttention::apply(query, key, value) : attend(dense_rows(query), dense_rows(key), dense_rows(value), nullptr);
}

} // namespace

TORCH_LIBRARY(torchsharp_system, library) {
  library.def("causal_attention(Tensor query, Tensor key, Tensor value) -> Tensor", &causal_attention);
}
