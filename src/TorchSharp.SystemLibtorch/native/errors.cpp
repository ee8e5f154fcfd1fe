// Why the last call of a thread failed.
#include "bridge.h"

#include <cstring>

namespace {

thread_local char last_error[4096];

} // namespace

void set_error(const char* message) noexcept {
  std::strncpy(last_error, message, sizeof last_error - 1);
  last_error[sizeof last_error - 1] = 0;
  // The C++ stack that some messages carry tells a .NET caller nothing.
  for (const char* mark : {"\nException raised from ", "\nC++ CapturedTraceback:"})
    if (char* at = std::strstr(last_error, mark))
      *at = 0;
}

TS_API const char* ts_last_error() {
  return last_error;
}
