#pragma once

// A C face on libtorch for P/Invoke. The dispatcher (find an operator by name, call it boxed) reaches every aten
// operator, autograd included: operators.cpp. Beside it stands only what the dispatcher does not offer: tensors.cpp,
// autograd.cpp, generators.cpp, runtime.cpp. Compiles against libtorch 1.13 to 2.x, CPU and CUDA builds alike: nothing
// here needs a CUDA header.
//
// Conventions: a handle is an owned reference to a TensorImpl or GeneratorImpl, freed once by ts_tensor_free or
// ts_generator_free. A function that can fail returns a negative number and leaves its message in ts_last_error of
// the same thread; no C++ exception crosses the border.
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <cstdint>
#include <exception>
#include <utility>
#include <vector>

#define TS_API extern "C" __attribute__((visibility("default")))

using Impl = c10::TensorImpl;
using ImplRef = c10::intrusive_ptr<Impl, c10::UndefinedTensorImpl>;
using GenImpl = c10::GeneratorImpl;

// Keeps a message for ts_last_error.
void set_error(const char* message) noexcept;

template <class F>
int32_t guarded(F&& body) noexcept {
  try {
    return body();
  } catch (const c10::Error& e) {
    set_error(e.what_without_backtrace());
  } catch (const std::exception& e) {
    set_error(e.what());
  } catch (...) {
    set_error("an unknown C++ exception");
  }
  return -1;
}

inline at::Tensor borrow(void* handle) {
  return at::Tensor(ImplRef::reclaim_copy(static_cast<Impl*>(handle)));
}

inline void* give(at::Tensor tensor) {
  return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

inline std::vector<at::Tensor> borrow_list(void* const* handles, int64_t count) {
  std::vector<at::Tensor> list;
  list.reserve(count);
  for (int64_t i = 0; i < count; i++)
    list.push_back(handles[i] ? borrow(handles[i]) : at::Tensor());
  return list;
}

inline at::Generator borrow_generator(void* handle) {
  return at::Generator(c10::intrusive_ptr<GenImpl>::reclaim_copy(static_cast<GenImpl*>(handle)));
}

inline void* give_generator(at::Generator generator) {
  return generator.unsafeReleaseGeneratorImpl();
}

inline c10::Device make_device(int32_t type, int32_t index) {
  return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}
