// The library as a whole: its start, threads, devices, settings, and what it says of itself.
#include "bridge.h"
#include "startup_pages.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/version.h>

#include <dlfcn.h>

#include <algorithm>
#include <mutex>
#include <string>

// ---- start

// To be called once, before all else. A GPU build of libtorch keeps its kernels in a library of its own beside
// libtorch_cpu, and libtorch decides on first use, whoever causes it, whether there is a GPU: the library is loaded here,
// where the machine has a driver for it, or never. Then sets the number of threads, if one is given, and gives back the
// memory that only the loading needed.
TS_API void ts_initialize(int32_t threads) {
  guarded([&] {
    Dl_info where{};
    auto symbol = reinterpret_cast<void*>(static_cast<std::string (*)()>(&at::show_config));
    if (dladdr(symbol, &where) && where.dli_fname) {
      std::string path(where.dli_fname);
      auto directory = path.substr(0, path.rfind('/') + 1);
      if (dlopen("libcuda.so.1", RTLD_LAZY))
        dlopen((directory + "libtorch_cuda.so").c_str(), RTLD_NOW | RTLD_GLOBAL);
      dlopen((directory + "libtorch_hip.so").c_str(), RTLD_NOW | RTLD_GLOBAL);
    }
    if (threads > 0)
      at::set_num_threads(threads);
    release_startup_pages();
    return 0;
  });
}

// What ts_initialize does at its end, for tests.
TS_API void ts_release_startup_pages() {
  release_startup_pages();
}

// ---- threads

TS_API int32_t ts_get_num_threads() {
  return guarded([] { return at::get_num_threads(); });
}

TS_API int32_t ts_set_num_threads(int32_t count) {
  return guarded([&] {
    at::set_num_threads(count);
    return 0;
  });
}

TS_API int32_t ts_get_num_interop_threads() {
  return guarded([] { return at::get_num_interop_threads(); });
}

TS_API int32_t ts_set_num_interop_threads(int32_t count) {
  return guarded([&] {
    at::set_num_interop_threads(count);
    return 0;
  });
}

// ---- build and devices

TS_API const char* ts_version() {
  return TORCH_VERSION;
}

// How libtorch was built and what it runs on: compilers, BLAS, SIMD level, thread pools.
TS_API const char* ts_config() {
  static const std::string text = [] {
    std::string s;
    guarded([&] {
      s = at::show_config() + "\n" + at::get_parallel_info();
      return 0;
    });
    return s;
  }();
  return text.c_str();
}

// How many CUDA devices can be used; 0 without CUDA, never an error.
TS_API int32_t ts_cuda_device_count() {
  auto count = guarded([]() -> int32_t {
    if (!at::hasCUDA() || !c10::impl::hasDeviceGuardImpl(c10::DeviceType::CUDA))
      return 0;
    return c10::impl::getDeviceGuardImpl(c10::DeviceType::CUDA)->deviceCount();
  });
  return std::max(count, 0);
}

TS_API int32_t ts_cudnn_available() {
  return std::max(guarded([]() -> int32_t { return at::detail::getCUDAHooks().hasCuDNN(); }), 0);
}

// Waits for the work queued on a device's current stream, the only one this layer uses.
TS_API int32_t ts_cuda_synchronize(int32_t index) {
  return guarded([&] {
    auto impl = c10::impl::getDeviceGuardImpl(c10::DeviceType::CUDA);
    auto device = index < 0 ? impl->getDevice() : make_device(static_cast<int32_t>(c10::DeviceType::CUDA), index);
    impl->synchronizeStream(impl->getStream(device));
    return 0;
  });
}

// Seeds one CUDA device (index -1: the current one) or, with all set, every one.
TS_API int32_t ts_cuda_manual_seed(uint64_t seed, int32_t all) {
  return guarded([&] {
    auto impl = c10::impl::getDeviceGuardImpl(c10::DeviceType::CUDA);
    auto first = all ? 0 : static_cast<int32_t>(impl->getDevice().index());
    auto last = all ? static_cast<int32_t>(impl->deviceCount()) : first + 1;
    for (auto i = first; i < last; i++) {
      auto g = at::globalContext().defaultGenerator(make_device(static_cast<int32_t>(c10::DeviceType::CUDA), i));
      std::lock_guard<std::mutex> lock(g.mutex());
      g.set_current_seed(seed);
    }
    return 0;
  });
}

enum Setting : int32_t {
  kAllowTF32CuBLAS = 0,
  kAllowTF32CuDNN = 1,
};

TS_API int32_t ts_setting_get(int32_t setting) {
  return guarded([&]() -> int32_t {
    auto& context = at::globalContext();
    return setting == kAllowTF32CuBLAS ? context.allowTF32CuBLAS() : context.allowTF32CuDNN();
  });
}

TS_API int32_t ts_setting_set(int32_t setting, int32_t value) {
  return guarded([&] {
    auto& context = at::globalContext();
    if (setting == kAllowTF32CuBLAS)
      context.setAllowTF32CuBLAS(value != 0);
    else
      context.setAllowTF32CuDNN(value != 0);
    return 0;
  });
}
