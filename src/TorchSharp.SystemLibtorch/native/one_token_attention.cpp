// softmax(q Kᵀ / √d) V for one query, or the few that share their keys, of each head: what a model computes per token that it
// generates. The operators' passes over small tensors cost more there than the arithmetic; here keys and values are read once
// each, scores and sums are float32, and nothing else is written. For a libtorch that has no fused attention (before 2.0).
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <c10/util/BFloat16.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "optional_tensor.h"
#include "vectors.h"

namespace {

constexpr int64_t kTile = 4;           // vectors of a value that are summed at a time: they stay in registers
constexpr int64_t kShare = 16 * 1024;  // numbers of keys below which another thread is not worth waking

template <typename T>
struct Attention {
  const at::Tensor &query, &key, &value, &mask;  // mask: bool, as broadcast to [batch, heads, queries, length], or undefined
  at::Tensor& result;
  int64_t heads, queries, length, size;
  float scale;

  // Heads of all batches, from one to another.
  template <int64_t Bytes>
  TS_INLINE void compute(int64_t from, int64_t to) const {
    std::vector<float> floats(size), scores(length);
    for (int64_t i = from; i < to; i++) {
      auto batch = i / heads, head = i % heads;
      const T* keys = key.data_ptr<T>() + batch * key.stride(0) + head * key.stride(1);
      const T* values = value.data_ptr<T>() + batch * value.stride(0) + head * value.stride(1);
      for (int64_t row = 0; row < queries; row++) {
        const T* q = query.data_ptr<T>() + batch * query.stride(0) + head * query.stride(1) + row * query.stride(2);
        for (int64_t k = 0; k < size; k++)
          floats[k] = static_cast<float>(q[k]) * scale;
        const bool* seen = mask.defined() ? mask.data_ptr<bool>() + batch * mask.stride(0) + head * mask.stride(1) + row * mask.stride(2) : nullptr;
        auto sum = weigh<Bytes>(floats.data(), keys, seen, scores.data());
        T* y = result.data_ptr<T>() + batch * result.stride(0) + head * result.stride(1) + row * result.stride(2);
        mix<Bytes>(values, scores.data(), sum, y);
      }
    }
  }

  // exp(score - largest) of each key, and their sum.
  template <int64_t Bytes>
  TS_INLINE float weigh(const float* q, const T* keys, const bool* seen, float* scores) const {
    constexpr int64_t lanes = Vectors<Bytes>::kLanes;
    auto largest = -std::numeric_limits<float>::infinity();
    for (int64_t j = 0; j < length; j++) {
      if (seen && !seen[j * mask.stride(3)]) {
        scores[j] = -std::numeric_limits<float>::infinity();
        continue;
      }
      const T* k = keys + j * key.stride(2);
      typename Vectors<Bytes>::Floats products = {};
      int64_t i = 0;
      for (; i + lanes <= size; i += lanes) {
        typename Vectors<Bytes>::Floats a, b;
        load<Bytes>(a, k + i);
        load<Bytes>(b, q + i);
        products += a * b;
      }
      float score = sum_of<Bytes>(products);
      for (; i < size; i++)
        score += static_cast<float>(k[i]) * q[i];
      scores[j] = score;
      largest = score > largest || score != score ? score : largest; // what is not a number stays so
    }
    float sum = 0;
    for (int64_t j = 0; j < length; j++) {
      scores[j] = std::exp(scores[j] - largest);
      sum += scores[j];
    }
    return sum;
  }

  template <int64_t Bytes>
  TS_INLINE void mix(const T* values, const float* weights, float sum, T* y) const {
    constexpr int64_t lanes = Vectors<Bytes>::kLanes, tile = kTile * lanes;
    int64_t i = 0;
    for (; i + tile <= size; i += tile) {
      typename Vectors<Bytes>::Floats sums[kTile] = {};
      for (int64_t j = 0; j < length; j++) {
        for (int64_t k = 0; k < kTile; k++) {
          typename Vectors<Bytes>::Floats v;
          load<Bytes>(v, values + j * value.stride(2) + i + k * lanes);
          sums[k] += v * weights[j];
        }
      }
      for (int64_t k = 0; k < kTile; k++)
        for (int64_t lane = 0; lane < lanes; lane++)
          y[i + k * lanes + lane] = static_cast<T>(sums[k][lane] / sum);
    }
    for (; i < size; i++) {
      float mixed = 0;
      for (int64_t j = 0; j < length; j++)
        mixed += static_cast<float>(values[j * value.stride(2) + i]) * weights[j];
      y[i] = static_cast<T>(mixed / sum);
    }
  }
};

template <typename T>
void attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const at::Tensor& mask, at::Tensor& result) {
  static const auto kernel = best_kernel<Attention<T>>();
  Attention<T> task{
      query, key, value, mask, result, query.size(1), query.size(2), key.size(2), query.size(3),
      static_cast<float>(1 / std::sqrt(static_cast<double>(query.size(3))))};
  auto work = std::max<int64_t>(1, key.size(2) * key.size(3) * query.size(2));
  at::parallel_for(0, query.size(0) * query.size(1), std::max<int64_t>(1, kShare / work), [&](int64_t from, int64_t to) {
    kernel(task, from, to);
  });
}

at::Tensor dense_rows(const at::Tensor& x) {
  return x.stride(3) == 1 ? x : x.contiguous();
}

// query [batch, heads, queries, size]; key and value [batch, heads, length, size]; mask bool, broadcast to [batch, heads,
// queries, length]: who is seen. Without a gradient.
at::Tensor one_token_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, OptionalTensor mask) {
  auto type = query.scalar_type();
  TORCH_CHECK(
      query.dim() == 4 && key.dim() == 4 && key.sizes() == value.sizes() && query.size(0) == key.size(0) && query.size(1) == key.size(1) &&
          query.size(3) == key.size(3) && query.numel() > 0 && key.numel() > 0 && key.scalar_type() == type && value.scalar_type() == type,
      "one_token_attention takes queries [batch, heads, queries, size] and keys and values [batch, heads, length, size]");
  auto q = dense_rows(query), k = dense_rows(key), v = dense_rows(value);
  auto seen = mask.has_value() && mask->defined() ? mask->expand({q.size(0), q.size(1), q.size(2), k.size(2)}) : at::Tensor();
  TORCH_CHECK(!seen.defined() || seen.scalar_type() == at::kBool, "one_token_attention takes a mask of booleans");
  auto result = at::empty(q.sizes(), q.options());
  if (type == at::kFloat)
    attend<float>(q, k, v, seen, result);
  else if (type == at::kBFloat16)
    attend<c10::BFloat16>(q, k, v, seen, result);
  else
    TORCH_CHECK(false, "one_token_attention takes float32 and bfloat16, not ", type);
  return result;
}

} // namespace

TORCH_LIBRARY_FRAGMENT(torchsharp_system, library) {
  library.def("one_token_attention(Tensor query, Tensor key, Tensor value, Tensor? mask=None) -> Tensor", &one_token_attention);
}
