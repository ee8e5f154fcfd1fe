// Lifetime, shape and memory of tensors.
#include "bridge.h"

#include <ATen/ops/from_blob.h>

namespace {

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

} // namespace

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
