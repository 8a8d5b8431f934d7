#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "settings.hpp"

/// What the stand-in for the driver knows.
namespace cppstencils::standin {

enum Status : int {
  success = 0,
  invalid_value = 1,
  out_of_memory = 2,
  not_initialized = 3,
  stub_library = 34,
  no_device = 100,
  invalid_device = 101,
  invalid_image = 200,
  invalid_context = 201,
  no_binary = 209,
  unsupported_ptx = 222,
  invalid_handle = 400,
  not_found = 500,
  launch_failed = 719,
  not_supported = 801,
  capture_unsupported = 900,
};

struct Context {
  int device = 0;
  int references = 0;
};

struct Function {
  /// Runs the kernel with parameters in the form that cuLaunchKernel takes.
  void (*run)(const unsigned* grid, const unsigned* block, void** parameters) = nullptr;
  const unsigned long* sizes = nullptr;  // of the parameters; ends with 0
};

struct Module {
  void* library = nullptr;
  std::map<std::string, std::unique_ptr<Function>> functions;
};

struct StreamData {
  int device = 0;
};

struct Allocation {
  std::size_t size = 0;
  int device = 0;
  /// By the order of a stream; else by the host.
  bool is_queued = false;
};

struct CapturedLaunch {
  Function* function = nullptr;
  unsigned grid[3] = {};
  unsigned block[3] = {};
  std::vector<std::vector<char>> parameters;
};

/// All that the driver of a process knows.
struct World {
  std::mutex mutex;
  bool initialized = false;
  pid_t process = 0;  // that called cuInit
  Context contexts[8];
  std::map<std::uintptr_t, Allocation> allocations;
  std::map<StreamData*, std::unique_ptr<StreamData>> streams;
  std::map<Module*, std::unique_ptr<Module>> modules;
  long launches = 0;
  long synchronisations = 0;
  long pointer_queries = 0;
  void* last_stream = nullptr;
  unsigned last_grid[3] = {};
  unsigned last_block[3] = {};
  /// While a capture runs.
  bool capturing = false;
  bool capture_broken = false;
  void* captured_stream = nullptr;
  std::vector<CapturedLaunch> captured;
  std::vector<std::uintptr_t> captured_memory;
  long queued_allocations = 0;
};

inline World& world() {
  static World* const instance = new World;
  return *instance;
}

inline std::vector<Context*>& context_stack() {
  thread_local std::vector<Context*> stack;
  return stack;
}

inline int device_count() { return setting("devices", 1); }

/// What CUDA leaves undefined in a child of fork() ends it here.
inline void require_own_process() {
  if (world().initialized && world().process != ::getpid()) std::abort();
}

inline Context* current() {
  require_own_process();
  return context_stack().empty() ? nullptr : context_stack().back();
}

/// For what a stream that is captured forbids.
inline int forbidden_in_capture() {
  if (!world().capturing) return success;
  world().capture_broken = true;
  return capture_unsupported;
}

inline bool owns(std::uintptr_t address, std::size_t bytes) {
  const auto& allocations = world().allocations;
  auto after = allocations.upper_bound(address);
  if (after == allocations.begin()) return false;
  --after;
  return address + bytes <= after->first + after->second.size && current() != nullptr &&
         after->second.device == current()->device;
}

inline bool knows_stream(void* stream) {
  return stream == nullptr || world().streams.count(static_cast<StreamData*>(stream)) != 0;
}

inline bool fits(unsigned value, unsigned most) { return value >= 1 && value <= most; }

}  // namespace cppstencils::standin
