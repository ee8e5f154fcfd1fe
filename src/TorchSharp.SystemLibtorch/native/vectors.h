// Loops over float32 and bfloat16 that are compiled for the instructions of several processors, of which the machine's own are
// taken when the program runs: libtorch's packages are built for the oldest. A vector is a plain array of the compiler's; what
// it becomes, one register or several, is the compiler's matter.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>
#include <cstring>

#define TS_INLINE inline __attribute__((always_inline))

template <int64_t Bytes>
struct Vectors {
  typedef float Floats __attribute__((vector_size(Bytes)));
  typedef uint32_t Words __attribute__((vector_size(Bytes)));
  typedef uint16_t Halves __attribute__((vector_size(Bytes / 2)));
  static constexpr int64_t kLanes = Bytes / sizeof(float);
};

template <int64_t Bytes>
TS_INLINE void load(typename Vectors<Bytes>::Floats& to, const float* from) {
  std::memcpy(&to, from, Bytes);
}

// bfloat16 is the upper half of a float32.
template <int64_t Bytes>
TS_INLINE void load(typename Vectors<Bytes>::Floats& to, const c10::BFloat16* from) {
  typename Vectors<Bytes>::Halves halves;
  std::memcpy(&halves, from, Bytes / 2);
  auto words = __builtin_convertvector(halves, typename Vectors<Bytes>::Words) << 16;
  std::memcpy(&to, &words, Bytes);
}

// A task has a member `template <int64_t Bytes> void compute(int64_t from, int64_t to) const`, for vectors of so many bytes.
template <typename Task>
using Kernel = void (*)(const Task&, int64_t, int64_t);

template <typename Task>
void compute_anywhere(const Task& task, int64_t from, int64_t to) {
  task.template compute<16>(from, to);
}

#if defined(__x86_64__)
template <typename Task>
__attribute__((target("avx2,fma"))) void compute_avx2(const Task& task, int64_t from, int64_t to) {
  task.template compute<32>(from, to);
}

template <typename Task>
__attribute__((target("avx512f,avx512bw,avx512vl"))) void compute_avx512(const Task& task, int64_t from, int64_t to) {
  task.template compute<64>(from, to);
}
#endif

// The kernel for this machine.
template <typename Task>
Kernel<Task> best_kernel() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    return compute_avx512<Task>;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return compute_avx2<Task>;
#endif
  return compute_anywhere<Task>;
}
