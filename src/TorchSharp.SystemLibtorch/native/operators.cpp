// The dispatcher: an operator is found by its name and called boxed, on an array of tagged arguments.
#include "bridge.h"

#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace {

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
