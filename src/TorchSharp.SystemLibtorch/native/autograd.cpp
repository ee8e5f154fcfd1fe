// Gradients, and the modes that decide whether there are any.
#include "bridge.h"

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

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
