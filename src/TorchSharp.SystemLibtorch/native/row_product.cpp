// y = W x + b for one row x on the CPU. Every weight is read once and used once, so memory sets the pace, and a product that
// packs its matrix first (a GEMM) or leaves a core to wait (OpenBLAS's gemv, and torch's for bfloat16) loses a half of it: of 75
// GB/s that two cores read, measured here, gemv gets 40 and this 70. Each output is a dot product along a row of W, in float32,
// rounded once; the rows are divided among the threads.
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/addmv.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mv.h>
#include <c10/core/GradMode.h>
#include <c10/util/BFloat16.h>
#include <torch/library.h>

#include <algorithm>
#include <cstdint>

#include "vectors.h"

namespace {

constexpr int64_t kSums = 4;           // independent sums: one alone would wait for its own additions
constexpr int64_t kAhead = 8192;       // bytes fetched ahead: the processor's own prefetching is too late for bfloat16
constexpr int64_t kShare = 32 * 1024;  // weights below which another thread is not worth waking

template <typename T>
struct Product {
  const T* weight;
  int64_t stride;  // from one row of the weight to the next
  const float* row;
  int64_t inputs;
  const T* bias;  // or null
  T* result;

  template <int64_t Bytes>
  TS_INLINE void compute(int64_t from, int64_t to) const {
    using Floats = typename Vectors<Bytes>::Floats;
    constexpr int64_t lanes = Vectors<Bytes>::kLanes, step = kSums * lanes;
    for (int64_t output = from; output < to; output++) {
      const T* w = weight + output * stride;
      Floats sums[kSums] = {};
      int64_t i = 0;
      for (; i + step <= inputs; i += step) {
        for (int64_t line = 0; line < step * static_cast<int64_t>(sizeof(T)); line += 64)
          __builtin_prefetch(reinterpret_cast<const char*>(w + i) + kAhead + line);
        for (int64_t k = 0; k < kSums; k++) {
          Floats a, b;
          load<Bytes>(a, w + i + k * lanes);
          load<Bytes>(b, row + i + k * lanes);
          sums[k] += a * b;
        }
      }
      Floats lane = (sums[0] + sums[1]) + (sums[2] + sums[3]);
      float sum = 0;
      for (int64_t k = 0; k < lanes; k++)
        sum += lane[k];
      for (; i < inputs; i++)
        sum += static_cast<float>(w[i]) * row[i];
      result[output] = static_cast<T>(bias ? sum + static_cast<float>(bias[output]) : sum);
    }
  }
};

template <typename T>
void multiply(const at::Tensor& weight, const at::Tensor& row, const at::Tensor& bias, at::Tensor& result) {
  static const auto kernel = best_kernel<Product<T>>();
  auto floats = row.to(at::kFloat).contiguous();
  Product<T> product{
      weight.data_ptr<T>(),       weight.stride(0), floats.data_ptr<float>(), weight.size(1), bias.defined() ? bias.data_ptr<T>() : nullptr,
      result.data_ptr<T>()};
  at::parallel_for(0, weight.size(0), std::max<int64_t>(1, kShare / weight.size(1)), [&](int64_t from, int64_t to) {
    kernel(product, from, to);
  });
}

bool is_plain(const at::Tensor& x, at::ScalarType type) {
  return x.device().is_cpu() && x.scalar_type() == type && x.layout() == at::kStrided && x.has_storage() && !x.is_conj() && !x.is_neg() &&
      !(c10::GradMode::is_enabled() && x.requires_grad());
}

// The rest is libtorch's: other dtypes and devices, several rows, gradients, transposed weights, and every error.
bool is_ours(const at::Tensor& weight, const at::Tensor& row, const at::Tensor& bias) {
  auto type = row.scalar_type();
  if ((type != at::kFloat && type != at::kBFloat16) || !is_plain(row, type) || !is_plain(weight, type))
    return false;
  if (row.dim() == 0 || weight.dim() != 2 || weight.numel() == 0 || weight.stride(1) != 1 || row.size(-1) != weight.size(1) || row.numel() != weight.size(1))
    return false;
  return !bias.defined() || (is_plain(bias, type) && bias.dim() == 1 && bias.size(0) == weight.size(0) && bias.is_contiguous());
}

at::Tensor product_of_row(const at::Tensor& weight, const at::Tensor& row, const at::Tensor& bias) {
  auto shape = row.sizes().vec();
  shape.back() = weight.size(0);
  auto result = at::empty(shape, row.options());
  if (row.scalar_type() == at::kFloat)
    multiply<float>(weight, row, bias, result);
  else
    multiply<c10::BFloat16>(weight, row, bias, result);
  return result;
}

// c10::optional<Tensor> in libtorch 1.13, std::optional<Tensor> in its successors: whatever its own linear takes.
template <typename Result, typename Input, typename Weight, typename Bias>
Bias bias_of(Result (*)(Input, Weight, Bias));
using OptionalBias = decltype(bias_of(&at::linear));

at::Tensor linear(const at::Tensor& input, const at::Tensor& weight, OptionalBias bias) {
  auto added = bias.value_or(at::Tensor());
  return is_ours(weight, input, added) ? product_of_row(weight, input, added) : at::linear(input, weight, bias);
}

at::Tensor mv(const at::Tensor& matrix, const at::Tensor& vector) {
  return vector.dim() == 1 && is_ours(matrix, vector, {}) ? product_of_row(matrix, vector, {}) : at::mv(matrix, vector);
}

at::Tensor addmv(const at::Tensor& added, const at::Tensor& matrix, const at::Tensor& vector, const at::Scalar& beta, const at::Scalar& alpha) {
  return vector.dim() == 1 && beta.equal(1) && alpha.equal(1) && added.defined() && is_ours(matrix, vector, added)
      ? product_of_row(matrix, vector, added)
      : at::addmv(added, matrix, vector, beta, alpha);
}

} // namespace

TORCH_LIBRARY_FRAGMENT(torchsharp_system, library) {
  library.def("linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor", &linear);
  library.def("mv(Tensor self, Tensor vec) -> Tensor", &mv);
  library.def("addmv(Tensor self, Tensor mat, Tensor vec, *, Scalar beta=1, Scalar alpha=1) -> Tensor", &addmv);
}
