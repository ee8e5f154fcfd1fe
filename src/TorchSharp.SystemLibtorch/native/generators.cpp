// Random numbers.
#include "bridge.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#include <mutex>

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
