// A C face on libtorch for P/Invoke. The dispatcher (find an operator by name, call it boxed) reaches every aten
// operator, autograd included; beside it stands only what the dispatcher does not offer. Compiles against libtorch
// 1.13 to 2.x, CPU and CUDA builds alike: nothing here needs a CUDA header.
//
// Conventions: a handle is an owned reference to a TensorImpl or GeneratorImpl, freed once by ts_tensor_free or
// ts_generator_free. A function that can fail returns a negative number and leaves its message in ts_last_error of
// the same thread; no C++ exception crosses the border.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/version.h>

#include "startup_pages.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#define TS_API extern "C" __attribute__((visibility("default")))

namespace {

using Impl = c10::TensorImpl;
using ImplRef = c10::intrusive_ptr<Impl, c10::UndefinedTensorImpl>;
using GenImpl = c10::GeneratorImpl;

// c10::optional before 2.5, std::optional after: take whichever this libtorch uses.
using OptionalTensor = decltype(std::declval<const c10::IValue&>().toOptional<at::Tensor>());

enum Tag : int32_t {
  kNone = 0,
  kTensor = 1,
  kInt = 2,
  kDouble = 3,
  kBool = 4,
  kIntList = 5,
  kDoubleList = 6,
  kTensorList = 7,
  kOptionalTensorList = 8,
  kString = 9,
  kDevice = 10,
  kGenerator = 11,
};

// One tagged argument or result; 16 bytes, mirrored by NativeValue in C#.
struct Value {
  int32_t tag;
  int32_t count;
  union {
    int64_t i;
    double d;
    void* p;
  };
};
static_assert(sizeof(Value) == 16, "mirrored by NativeValue");

// What C# asks of a tensor, in one call; mirrored by NativeTensorInfo.
struct TensorInfo {
  const int64_t* sizes;
  const int64_t* strides;
  int64_t dim;
  int64_t numel;
  int64_t storage_offset;
  int32_t element_size;
  int32_t dtype;
  int32_t device_type;
  int32_t device_index;
  int32_t flags;
  int32_t reserved;
};

enum Flags : int32_t {
  kRequiresGrad = 1,
  kIsLeaf = 2,
  kIsContiguous = 4,
  kIsStrided = 8,
};

thread_local char last_error[4096];

void set_error(const char* message) noexcept {
  std::strncpy(last_error, message, sizeof last_error - 1);
  last_error[sizeof last_error - 1] = 0;
  // The C++ stack that some messages carry tells a .NET caller nothing.
  for (const char* mark : {"\nException raised from ", "\nC++ CapturedTraceback:"})
    if (char* at = std::strstr(last_error, mark))
      *at = 0;
}

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

at::Tensor borrow(void* handle) {
  return at::Tensor(ImplRef::reclaim_copy(static_cast<Impl*>(handle)));
}

void* give(at::Tensor tensor) {
  return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

std::vector<at::Tensor> borrow_list(void* const* handles, int64_t count) {
  std::vector<at::Tensor> list;
  list.reserve(count);
  for (int64_t i = 0; i < count; i++)
    list.push_back(handles[i] ? borrow(handles[i]) : at::Tensor());
  return list;
}

at::Generator borrow_generator(void* handle) {
  return at::Generator(c10::intrusive_ptr<GenImpl>::reclaim_copy(static_cast<GenImpl*>(handle)));
}

void* give_generator(at::Generator generator) {
  return generator.unsafeReleaseGeneratorImpl();
}

c10::Device make_device(int32_t type, int32_t index) {
  return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

void push(std::vector<c10::IValue>& stack, const Value& v) {
  switch (v.tag) {
    case kNone:
      stack.emplace_back();
      return;
    case kTensor:
      stack.emplace_back(borrow(v.p));
      return;
    case kInt:
      stack.emplace_back(v.i);
      return;
    case kDouble:
      stack.emplace_back(v.d);
      return;
    case kBool:
      stack.emplace_back(v.i != 0);
      return;
    case kIntList:
      stack.emplace_back(at::IntArrayRef(static_cast<const int64_t*>(v.p), v.count));
      return;
    case kDoubleList:
      stack.emplace_back(at::ArrayRef<double>(static_cast<const double*>(v.p), v.count));
      return;
    case kTensorList:
      stack.emplace_back(borrow_list(static_cast<void* const*>(v.p), v.count));
      return;
    case kOptionalTensorList: {
      c10::List<OptionalTensor> list;
      auto handles = static_cast<void* const*>(v.p);
      for (int32_t i = 0; i < v.count; i++)
        list.push_back(handles[i] ? OptionalTensor(borrow(handles[i])) : OptionalTensor());
      stack.emplace_back(std::move(list));
      return;
    }
    case kString:
      stack.emplace_back(std::string(static_cast<const char*>(v.p), v.count));
      return;
    case kDevice:
      stack.emplace_back(make_device(static_cast<int32_t>(v.i), v.count));
      return;
    case kGenerator:
      stack.emplace_back(borrow_generator(v.p));
      return;
    default:
      TORCH_CHECK(false, "argument tag ", v.tag, " is unknown");
  }
}

// Tensors of a result list travel as a malloc'd array of handles, freed by ts_list_free.
Value pop(c10::IValue&& v) {
  Value r{};
  if (v.isTensor()) {
    r.tag = kTensor;
    r.p = give(std::move(v).toTensor());
  } else if (v.isInt()) {
    r.tag = kInt;
    r.i = v.toInt();
  } else if (v.isDouble()) {
    r.tag = kDouble;
    r.d = v.toDouble();
  } else if (v.isBool()) {
    r.tag = kBool;
    r.i = v.toBool();
  } else if (v.isTensorList()) {
    auto list = v.toTensorVector();
    r.tag = kTensorList;
    r.count = static_cast<int32_t>(list.size());
    auto handles = static_cast<void**>(std::malloc(sizeof(void*) * (list.size() + 1)));
    TORCH_CHECK(handles, "out of memory");
    for (size_t i = 0; i < list.size(); i++)
      handles[i] = give(std::move(list[i]));
    r.p = handles;
  } else {
    TORCH_CHECK(v.isNone(), "a result of this type is not supported");
  }
  return r;
}

void discard(Value& v) noexcept {
  if (v.tag == kTensor && v.p) {
    ImplRef::reclaim(static_cast<Impl*>(v.p));
  } else if (v.tag == kTensorList) {
    auto handles = static_cast<void**>(v.p);
    for (int32_t i = 0; i < v.count; i++)
      if (handles[i])
        ImplRef::reclaim(static_cast<Impl*>(handles[i]));
    std::free(handles);
  }
}

// Reused by the calls of a thread. A call that comes while another runs (a deleter that calls back) gets its own.
thread_local std::vector<c10::IValue> spare_stack;

struct StackLease {
  std::vector<c10::IValue> stack;
  StackLease() : stack(std::move(spare_stack)) {
    spare_stack = {};
    stack.clear();
  }
  ~StackLease() {
    stack.clear();
    spare_stack = std::move(stack);
  }
};

} // namespace

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

// ---- operators

TS_API const char* ts_last_error() {
  return last_error;
}

// The operator NAME.OVERLOAD, or null (with a message) where this libtorch has none. Lives as long as the process.
TS_API void* ts_operator_find(const char* name, const char* overload) {
  void* found = nullptr;
  guarded([&] {
    auto op = c10::Dispatcher::singleton().findSchema({name, overload});
    TORCH_CHECK(op.has_value() && op->hasSchema(), "libtorch ", TORCH_VERSION, " has no operator of this name");
    found = new c10::OperatorHandle(*op);
    return 0;
  });
  return found;
}

// Calls an operator. Arguments that are left out take the schema's defaults. Writes at most `capacity` results and
// drops the others (an in-place operator's result is its first argument again); returns how many there are.
TS_API int32_t ts_operator_call(void* op, const Value* args, int32_t arg_count, Value* results, int32_t capacity) {
  return guarded([&]() -> int32_t {
    // OpenMP keeps the number of threads per thread, and aten only sets it before its own loops: without this, a matrix
    // product that comes first on a thread runs with OpenMP's default.
    thread_local const bool threads_set = (at::init_num_threads(), true);
    (void)threads_set;
    auto& handle = *static_cast<c10::OperatorHandle*>(op);
    auto& arguments = handle.schema().arguments();
    TORCH_CHECK(static_cast<size_t>(arg_count) <= arguments.size(), "takes ", arguments.size(), " arguments, not ", arg_count);
    StackLease lease;
    auto& stack = lease.stack;
    for (int32_t i = 0; i < arg_count; i++)
      push(stack, args[i]);
    for (size_t i = arg_count; i < arguments.size(); i++) {
      auto& value = arguments[i].default_value();
      TORCH_CHECK(value.has_value(), "argument '", arguments[i].name(), "' is missing");
      stack.push_back(*value);
    }
    handle.callBoxed(stack);
    auto count = std::min(static_cast<int32_t>(stack.size()), capacity);
    int32_t done = 0;
    try {
      for (; done < count; done++)
        results[done] = pop(std::move(stack[done]));
    } catch (...) {
      while (done > 0)
        discard(results[--done]);
      throw;
    }
    return count;
  });
}

TS_API void ts_list_free(void* list) {
  std::free(list);
}

// ---- tensors

TS_API void ts_tensor_free(void* tensor) {
  guarded([&] {
    ImplRef::reclaim(static_cast<Impl*>(tensor));
    return 0;
  });
}

// Another owned reference to the same tensor.
TS_API void* ts_tensor_retain(void* tensor) {
  return give(borrow(tensor));
}

TS_API int32_t ts_tensor_info(void* tensor, TensorInfo* info) {
  return guarded([&] {
    auto impl = static_cast<Impl*>(tensor);
    auto strided = impl->layout() == c10::kStrided;
    auto sizes = impl->sizes();
    info->sizes = sizes.data();
    info->strides = strided ? impl->strides().data() : nullptr;
    info->dim = static_cast<int64_t>(sizes.size());
    info->numel = impl->numel();
    info->storage_offset = strided ? impl->storage_offset() : 0;
    info->element_size = static_cast<int32_t>(impl->dtype().itemsize());
    info->dtype = static_cast<int32_t>(c10::typeMetaToScalarType(impl->dtype()));
    auto device = impl->device();
    info->device_type = static_cast<int32_t>(device.type());
    info->device_index = device.index();
    auto t = borrow(tensor);
    info->flags = (t.requires_grad() ? kRequiresGrad : 0) | (t.is_leaf() ? kIsLeaf : 0) |
        (strided && impl->is_contiguous() ? kIsContiguous : 0) | (strided ? kIsStrided : 0);
    info->reserved = 0;
    return 0;
  });
}

// The first element's address; null for an empty tensor or one without memory (meta).
TS_API int32_t ts_tensor_data(void* tensor, void** data) {
  return guarded([&] {
    *data = borrow(tensor).data_ptr();
    return 0;
  });
}

TS_API int32_t ts_tensor_storage(void* tensor, void** data, uint64_t* bytes) {
  return guarded([&] {
    auto t = borrow(tensor);
    *bytes = t.storage().nbytes();
    *data = static_cast<char*>(t.data_ptr()) - t.storage_offset() * static_cast<int64_t>(t.element_size());
    return 0;
  });
}

// A tensor over memory of the caller's; deleter(context) runs when the last reference to that memory goes.
TS_API void* ts_tensor_from_memory(
    void* data,
    const int64_t* sizes,
    int32_t dim,
    int32_t dtype,
    void (*deleter)(void*),
    void* context) {
  void* result = nullptr;
  guarded([&] {
    auto options = at::TensorOptions().dtype(static_cast<c10::ScalarType>(dtype));
    result = give(at::from_blob(
        data, at::IntArrayRef(sizes, dim), [deleter, context](void*) { deleter(context); }, options));
    return 0;
  });
  return result;
}

// ---- autograd

TS_API int32_t ts_set_requires_grad(void* tensor, int32_t value) {
  return guarded([&] {
    borrow(tensor).set_requires_grad(value != 0);
    return 0;
  });
}

TS_API int32_t ts_retain_grad(void* tensor) {
  return guarded([&] {
    borrow(tensor).retain_grad();
    return 0;
  });
}

TS_API int32_t ts_grad_get(void* tensor, void** grad) {
  return guarded([&] {
    auto t = borrow(tensor);
    // Asking a non-leaf warns on stderr; those that keep their gradient have it here as well.
    *grad = give(t.is_leaf() || t.retains_grad() ? t.grad() : at::Tensor());
    return 0;
  });
}

TS_API int32_t ts_grad_set(void* tensor, void* grad) {
  return guarded([&] {
    borrow(tensor).mutable_grad() = grad ? borrow(grad) : at::Tensor();
    return 0;
  });
}

TS_API int32_t ts_backward(
    void* const* tensors,
    int64_t count,
    void* const* grads,
    int64_t grad_count,
    int32_t retain_graph,
    int32_t create_graph,
    void* const* inputs,
    int64_t input_count) {
  return guarded([&] {
    torch::autograd::backward(
        borrow_list(tensors, count),
        borrow_list(grads, grad_count),
        retain_graph != 0,
        create_graph != 0,
        borrow_list(inputs, input_count));
    return 0;
  });
}

// results has room for input_count handles; null for an input the outputs do not depend on (with allow_unused).
TS_API int32_t ts_grad(
    void* const* outputs,
    int64_t count,
    void* const* inputs,
    int64_t input_count,
    void* const* grads,
    int64_t grad_count,
    int32_t retain_graph,
    int32_t create_graph,
    int32_t allow_unused,
    void** results) {
  return guarded([&] {
    auto found = torch::autograd::grad(
        borrow_list(outputs, count),
        borrow_list(inputs, input_count),
        borrow_list(grads, grad_count),
        retain_graph != 0,
        create_graph != 0,
        allow_unused != 0);
    for (int64_t i = 0; i < input_count; i++)
      results[i] = give(std::move(found[i]));
    return 0;
  });
}

TS_API int32_t ts_grad_mode() {
  return c10::GradMode::is_enabled();
}

TS_API void ts_set_grad_mode(int32_t enabled) {
  c10::GradMode::set_enabled(enabled != 0);
}

TS_API int32_t ts_inference_mode() {
  return c10::InferenceMode::is_enabled();
}

// The guard restores the state of the thread that made it: it must be freed there, in the order of nesting.
TS_API void* ts_inference_guard_new(int32_t enabled) {
  void* guard = nullptr;
  guarded([&] {
    guard = new c10::InferenceMode(enabled != 0);
    return 0;
  });
  return guard;
}

TS_API void ts_inference_guard_free(void* guard) {
  delete static_cast<c10::InferenceMode*>(guard);
}

// ---- random numbers

TS_API void* ts_generator_default(int32_t device_type, int32_t device_index) {
  void* result = nullptr;
  guarded([&] {
    result = give_generator(at::globalContext().defaultGenerator(make_device(device_type, device_index)));
    return 0;
  });
  return result;
}

TS_API void* ts_generator_new(uint64_t seed, int32_t device_type, int32_t device_index) {
  void* result = nullptr;
  guarded([&] {
    auto device = make_device(device_type, device_index);
    if (device.is_cpu()) {
      result = give_generator(at::make_generator<at::CPUGeneratorImpl>(seed));
    } else {
      auto generator = at::globalContext().defaultGenerator(device).clone();
      generator.set_current_seed(seed);
      result = give_generator(std::move(generator));
    }
    return 0;
  });
  return result;
}

TS_API void ts_generator_free(void* generator) {
  guarded([&] {
    c10::intrusive_ptr<GenImpl>::reclaim(static_cast<GenImpl*>(generator));
    return 0;
  });
}

TS_API int32_t ts_generator_seed(void* generator, uint64_t seed) {
  return guarded([&] {
    auto g = borrow_generator(generator);
    std::lock_guard<std::mutex> lock(g.mutex());
    g.set_current_seed(seed);
    return 0;
  });
}

TS_API int32_t ts_generator_initial_seed(void* generator, uint64_t* seed) {
  return guarded([&] {
    *seed = borrow_generator(generator).current_seed();
    return 0;
  });
}

TS_API void* ts_generator_get_state(void* generator) {
  void* result = nullptr;
  guarded([&] {
    auto g = borrow_generator(generator);
    std::lock_guard<std::mutex> lock(g.mutex());
    result = give(g.get_state());
    return 0;
  });
  return result;
}

TS_API int32_t ts_generator_set_state(void* generator, void* state) {
  return guarded([&] {
    auto g = borrow_generator(generator);
    auto s = borrow(state);
    std::lock_guard<std::mutex> lock(g.mutex());
    g.set_state(s);
    return 0;
  });
}

// Seeds the default generators of the CPU and of every CUDA device that is in use.
TS_API int32_t ts_manual_seed(uint64_t seed) {
  return guarded([&] {
    at::manual_seed(seed);
    return 0;
  });
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
