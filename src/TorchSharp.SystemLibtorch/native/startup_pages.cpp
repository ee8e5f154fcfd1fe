#include "startup_pages.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace {

struct Mapping {
  uintptr_t begin = 0, end = 0;
  bool read_only = false, unchanged = false;
  std::string path;
};

// The mappings of this process. A mapping is unchanged where none of its pages differs from the file's: relocations,
// debuggers and patched code make pages of the process's own.
std::vector<Mapping> mappings() {
  std::vector<Mapping> result;
  auto file = std::fopen("/proc/self/smaps", "re");
  if (!file)
    return result;
  char line[4352];
  while (std::fgets(line, sizeof line, file)) {
    unsigned long long begin, end, kilobytes;
    char permissions[5];
    if (std::sscanf(line, "%llx-%llx %4s", &begin, &end, permissions) == 3) {
      auto path = std::strchr(line, '/');
      Mapping mapping;
      mapping.begin = static_cast<uintptr_t>(begin);
      mapping.end = static_cast<uintptr_t>(end);
      mapping.read_only = permissions[0] == 'r' && permissions[1] == '-' && permissions[3] == 'p';
      mapping.path = path ? std::string(path, std::strcspn(path, "\n")) : std::string();
      result.push_back(mapping);
    } else if (!result.empty() && std::sscanf(line, "Anonymous: %llu kB", &kilobytes) == 1) {
      result.back().unchanged = kilobytes == 0;
    }
  }
  std::fclose(file);
  return result;
}

} // namespace

void release_startup_pages() {
  const auto all = mappings();

  // The runtime changes its own code while it runs, perhaps at this moment: it is left alone.
  std::string runtime;
  for (const auto& mapping : all) {
    auto name = mapping.path.find("/libcoreclr.so");
    if (name != std::string::npos)
      runtime = mapping.path.substr(0, name + 1);
  }
  for (const auto& mapping : all) {
    const bool is_library = mapping.path.find(".so", mapping.path.rfind('/') + 1) != std::string::npos;
    const bool is_runtime = !runtime.empty() && mapping.path.compare(0, runtime.size(), runtime) == 0;
    if (mapping.read_only && mapping.unchanged && is_library && !is_runtime)
      madvise(reinterpret_cast<void*>(mapping.begin), mapping.end - mapping.begin, MADV_DONTNEED); // a hint: what it refuses stays
  }
}
