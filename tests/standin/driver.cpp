// A stand-in for libcuda.so.1: devices are this process, their memory comes from malloc, and kernels run when they are
// launched. It is stricter than the real one: what CUDA leaves undefined is an error here.

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "settings.hpp"
#include "world.hpp"

using namespace cppstencils::standin;

#define STANDIN extern "C" __attribute__((visibility("default")))

STANDIN int cuInit(unsigned flags) {
  if (flags != 0) return invalid_value;
  if (world().initialized && world().process != ::getpid()) return not_initialized;
  if (const int status = setting("init", success); status != success) return status;
  if (device_count() == 0) return no_device;
  world().initialized = true;
  world().process = ::getpid();
  return success;
}
STANDIN int cuDriverGetVersion(int* version) { return *version = setting("driver", 13000), success; }

STANDIN int cuGetErrorName(int status, const char** text) {
  static const std::map<int, const char*> names = {{success, "CUDA_SUCCESS"},
                                                   {invalid_value, "CUDA_ERROR_INVALID_VALUE"},
                                                   {out_of_memory, "CUDA_ERROR_OUT_OF_MEMORY"},
                                                   {not_initialized, "CUDA_ERROR_NOT_INITIALIZED"},
                                                   {no_device, "CUDA_ERROR_NO_DEVICE"},
                                                   {invalid_image, "CUDA_ERROR_INVALID_IMAGE"},
                                                   {no_binary, "CUDA_ERROR_NO_BINARY_FOR_GPU"},
                                                   {launch_failed, "CUDA_ERROR_LAUNCH_FAILED"},
                                                   {capture_unsupported, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"},
                                                   {999, "CUDA_ERROR_UNKNOWN"}};
  const auto found = names.find(status);
  *text = found == names.end() ? nullptr : found->second;
  return found == names.end() ? invalid_value : success;
}
STANDIN int cuGetErrorString(int, const char** text) { return *text = "the stand-in says so", success; }

STANDIN int cuDeviceGetCount(int* count) {
  if (!world().initialized) return not_initialized;
  return *count = device_count(), success;
}
STANDIN int cuDeviceGet(int* device, int ordinal) {
  if (ordinal < 0 || ordinal >= device_count()) return invalid_device;
  return *device = ordinal, success;
}
STANDIN int cuDeviceGetName(char* text, int size, int device) {
  std::snprintf(text, static_cast<std::size_t>(size), "Stand-in GPU %d", device);
  return success;
}
STANDIN int cuDeviceGetAttribute(int* value, int attribute, int) {
  const int generation = setting("generation", 90);
  if (attribute == 75) return *value = generation / 10, success;
  if (attribute == 76) return *value = generation % 10, success;
  return invalid_value;
}

STANDIN int cuDevicePrimaryCtxRetain(Context** context, int device) {
  const std::lock_guard guard(world().mutex);
  *context = &world().contexts[device];
  (*context)->device = device;
  ++(*context)->references;
  return success;
}
STANDIN int cuDevicePrimaryCtxRelease_v2(int device) {
  require_own_process();
  const std::lock_guard guard(world().mutex);
  if (world().contexts[device].references == 0) return invalid_context;
  --world().contexts[device].references;
  return success;
}
STANDIN int cuCtxGetCurrent(Context** context) { return *context = current(), success; }
STANDIN int cuCtxGetDevice(int* device) {
  if (current() == nullptr) return invalid_context;
  return *device = current()->device, success;
}
STANDIN int cuCtxPushCurrent_v2(Context* context) {
  require_own_process();
  if (context == nullptr || context->references == 0) return invalid_context;
  context_stack().push_back(context);
  return success;
}
STANDIN int cuCtxPopCurrent_v2(Context** context) {
  if (context_stack().empty()) return invalid_context;
  *context = context_stack().back();
  context_stack().pop_back();
  return success;
}

STANDIN int cuModuleLoadDataEx(Module** module, const void* image, unsigned, int*, void**) {
  if (current() == nullptr) return invalid_context;
  if (const int status = setting("module", success); status != success) return status;
  if (const int status = forbidden_in_capture(); status != success) return status;
  const char* const text = static_cast<const char*>(image);
  CodeHeader header;
  if (std::sscanf(text, "%7s %d %lu\n", header.kind, &header.generation, &header.size) != 3) return invalid_image;
  const int device = setting("generation", 90);
  const bool is_cubin = std::strcmp(header.kind, "cubin") == 0;
  if (is_cubin && (header.generation / 10 != device / 10 || header.generation > device)) return no_binary;
  if (!is_cubin && header.generation > device) return unsupported_ptx;
  std::string path = "/tmp/cppstencils-standin-XXXXXX";
  const int file = ::mkstemp(path.data());
  const char* const code = std::strchr(text, '\n') + 1;
  const bool written = ::write(file, code, header.size) == static_cast<ssize_t>(header.size);
  ::close(file);
  void* const library = written ? ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
  ::unlink(path.c_str());
  if (library == nullptr) return invalid_image;
  auto made = std::make_unique<Module>();
  made->library = library;
  const std::lock_guard guard(world().mutex);
  *module = made.get();
  world().modules.emplace(*module, std::move(made));
  return success;
}
STANDIN int cuModuleUnload(Module* module) {
  const std::lock_guard guard(world().mutex);
  if (world().modules.count(module) == 0 || current() == nullptr) return invalid_handle;
  ::dlclose(module->library);
  world().modules.erase(module);
  return success;
}
STANDIN int cuModuleGetFunction(Function** function, Module* module, const char* name) {
  Function found;
  found.run = reinterpret_cast<decltype(found.run)>(::dlsym(module->library, (std::string(name) + "_run").c_str()));
  const auto sizes =
      reinterpret_cast<const unsigned long* (*)()>(::dlsym(module->library, (std::string(name) + "_sizes").c_str()));
  if (sizes != nullptr) found.sizes = sizes();
  if (found.run == nullptr || found.sizes == nullptr) return not_found;
  const std::lock_guard guard(world().mutex);
  auto& slot = module->functions[name];
  if (slot == nullptr) slot = std::make_unique<Function>(found);
  *function = slot.get();
  return success;
}
STANDIN int cuFuncGetAttribute(int* value, int attribute, Function*) {
  *value = attribute == 0 ? setting("most_threads", 1024) : attribute == 4 ? 32 : 0;
  return success;
}

STANDIN int cuLaunchKernel(Function* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                           unsigned bz, unsigned shared_bytes, void* stream, void** parameters, void** extra) {
  if (current() == nullptr) return invalid_context;
  if (setting("idle", 0) != 0) return success;  // what calls cost without what the stand-in does
  if (function == nullptr || extra != nullptr || shared_bytes > 48 * 1024) return invalid_value;
  if (!fits(gx, 2147483647) || !fits(gy, 65535) || !fits(gz, 65535)) return invalid_value;
  if (!fits(bx, 1024) || !fits(by, 1024) || !fits(bz, 64) || bx * by * bz > 1024) return invalid_value;
  const std::unique_lock guard(world().mutex);
  if (!knows_stream(stream)) return invalid_handle;
  if (const int status = setting("launch", success); status != success) return status;
  const unsigned grid[3] = {gx, gy, gz};
  const unsigned block[3] = {bx, by, bz};
  // As the real one, it copies the parameters before it returns.
  CapturedLaunch launch;
  launch.function = function;
  std::copy_n(grid, 3, launch.grid);
  std::copy_n(block, 3, launch.block);
  std::size_t total = 0;
  for (std::size_t i = 0; function->sizes[i] != 0; ++i) {
    if (parameters == nullptr || parameters[i] == nullptr) return invalid_value;
    const char* const bytes = static_cast<const char*>(parameters[i]);
    launch.parameters.emplace_back(bytes, bytes + function->sizes[i]);
    total += function->sizes[i];
  }
  if (total > 4096) return invalid_value;
  if (world().capturing) {
    if (stream != world().captured_stream) return forbidden_in_capture();
    world().captured.push_back(std::move(launch));
    return success;
  }
  ++world().launches;
  world().last_stream = stream;
  std::copy_n(grid, 3, world().last_grid);
  std::copy_n(block, 3, world().last_block);
  std::vector<void*> pointers;
  for (auto& bytes : launch.parameters) pointers.push_back(bytes.data());
  function->run(grid, block, pointers.data());
  return success;
}

STANDIN int cuMemAlloc_v2(std::uint64_t* address, std::size_t bytes) {
  if (current() == nullptr) return invalid_context;
  if (bytes == 0) return invalid_value;
  if (const int status = forbidden_in_capture(); status != success) return status;
  if (const int status = setting("memory", success); status != success) return status;
  void* memory = nullptr;
  if (::posix_memalign(&memory, 256, bytes) != 0) return out_of_memory;
  std::memset(memory, 0xFF, bytes);  // a NaN, so that what nobody has written shows
  const std::lock_guard guard(world().mutex);
  world().allocations[reinterpret_cast<std::uintptr_t>(memory)] = {bytes, current()->device};
  *address = reinterpret_cast<std::uint64_t>(memory);
  return success;
}
STANDIN int cuMemFree_v2(std::uint64_t address) {
  if (current() == nullptr) return invalid_context;
  if (const int status = forbidden_in_capture(); status != success) return status;
  const std::lock_guard guard(world().mutex);
  if (world().allocations.erase(address) == 0) return invalid_value;
  std::free(reinterpret_cast<void*>(address));
  return success;
}

STANDIN int cuMemAllocAsync(std::uint64_t* address, std::size_t bytes, void* stream) {
  if (current() == nullptr) return invalid_context;
  if (setting("pools", 1) == 0) return not_supported;
  if (bytes == 0) return invalid_value;
  if (const int status = setting("memory", success); status != success) return status;
  const std::lock_guard guard(world().mutex);
  if (!knows_stream(stream)) return invalid_handle;
  if (world().capturing && stream != world().captured_stream) return forbidden_in_capture();
  void* memory = nullptr;
  if (::posix_memalign(&memory, 256, bytes) != 0) return out_of_memory;
  std::memset(memory, 0xFF, bytes);
  world().allocations[reinterpret_cast<std::uintptr_t>(memory)] = {bytes, current()->device, true};
  ++world().queued_allocations;
  *address = reinterpret_cast<std::uint64_t>(memory);
  return success;
}
/// In a capture the memory lives as long as what was captured.
STANDIN int cuMemFreeAsync(std::uint64_t address, void* stream) {
  if (current() == nullptr) return invalid_context;
  const std::lock_guard guard(world().mutex);
  if (!knows_stream(stream)) return invalid_handle;
  const auto found = world().allocations.find(address);
  if (found == world().allocations.end() || !found->second.is_queued) return invalid_value;
  if (world().capturing) {
    if (stream != world().captured_stream) return forbidden_in_capture();
    world().captured_memory.push_back(address);
    return success;
  }
  world().allocations.erase(found);
  std::free(reinterpret_cast<void*>(address));
  return success;
}

namespace {

/// As in CUDA_MEMCPY2D.
struct Copy2d {
  std::size_t source_x, source_y;
  unsigned source_type;
  const void* source_host;
  std::uint64_t source_device;
  void* source_array;
  std::size_t source_pitch;
  std::size_t target_x, target_y;
  unsigned target_type;
  void* target_host;
  std::uint64_t target_device;
  void* target_array;
  std::size_t target_pitch;
  std::size_t width, height;
};

}  // namespace

STANDIN int cuMemcpy2DAsync_v2(const Copy2d* copy, void* stream) {
  if (current() == nullptr) return invalid_context;
  if (const int status = forbidden_in_capture(); status != success) return status;
  const std::lock_guard guard(world().mutex);
  if (!knows_stream(stream)) return invalid_handle;
  if (copy->width > copy->source_pitch || copy->width > copy->target_pitch || copy->height == 0) return invalid_value;
  const bool from_device = copy->source_type == 2;
  const bool to_device = copy->target_type == 2;
  const char* from =
      from_device ? reinterpret_cast<const char*>(copy->source_device) : static_cast<const char*>(copy->source_host);
  char* to = to_device ? reinterpret_cast<char*>(copy->target_device) : static_cast<char*>(copy->target_host);
  const std::size_t from_bytes = (copy->height - 1) * copy->source_pitch + copy->width;
  const std::size_t to_bytes = (copy->height - 1) * copy->target_pitch + copy->width;
  if (from_device && !owns(reinterpret_cast<std::uintptr_t>(from), from_bytes)) return invalid_value;
  if (to_device && !owns(reinterpret_cast<std::uintptr_t>(to), to_bytes)) return invalid_value;
  for (std::size_t row = 0; row < copy->height; ++row) {
    std::memcpy(to + row * copy->target_pitch, from + row * copy->source_pitch, copy->width);
  }
  return success;
}
STANDIN int cuMemcpyHtoDAsync_v2(std::uint64_t target, const void* source, std::size_t bytes, void*) {
  if (const int status = forbidden_in_capture(); status != success) return status;
  if (!owns(target, bytes)) return invalid_value;
  return std::memcpy(reinterpret_cast<void*>(target), source, bytes), success;
}
STANDIN int cuMemcpyDtoHAsync_v2(void* target, std::uint64_t source, std::size_t bytes, void*) {
  if (const int status = forbidden_in_capture(); status != success) return status;
  if (!owns(source, bytes)) return invalid_value;
  return std::memcpy(target, reinterpret_cast<void*>(source), bytes), success;
}
STANDIN int cuMemsetD8Async(std::uint64_t target, unsigned char value, std::size_t count, void* stream) {
  if (current() == nullptr) return invalid_context;
  if (!knows_stream(stream) || !owns(target, count)) return invalid_value;
  return std::memset(reinterpret_cast<void*>(target), value, count), success;
}
/// As the real one: values of memory that it does not know are zero.
STANDIN int cuPointerGetAttributes(unsigned count, int* attributes, void** values, std::uint64_t address) {
  const std::lock_guard guard(world().mutex);
  ++world().pointer_queries;
  const auto& allocations = world().allocations;
  auto after = allocations.upper_bound(address);
  const Allocation* found = nullptr;
  if (after != allocations.begin() && address < (--after)->first + after->second.size) found = &after->second;
  for (unsigned i = 0; i < count; ++i) {
    if (attributes[i] == 2) *static_cast<unsigned*>(values[i]) = found == nullptr ? 0 : 2;
    // One byte, as the documentation has it.
    if (attributes[i] == 8) *static_cast<unsigned char*>(values[i]) = 0;
    if (attributes[i] == 9) *static_cast<int*>(values[i]) = found == nullptr ? -2 : found->device;
    if (attributes[i] != 2 && attributes[i] != 8 && attributes[i] != 9) return invalid_value;
  }
  return success;
}

STANDIN int cuStreamCreate(StreamData** stream, unsigned) {
  if (current() == nullptr) return invalid_context;
  const std::lock_guard guard(world().mutex);
  auto made = std::make_unique<StreamData>(StreamData{current()->device});
  *stream = made.get();
  world().streams.emplace(*stream, std::move(made));
  return success;
}
STANDIN int cuStreamDestroy_v2(StreamData* stream) {
  require_own_process();
  const std::lock_guard guard(world().mutex);
  return world().streams.erase(stream) == 1 ? success : invalid_handle;
}
STANDIN int cuStreamSynchronize(void* stream) {
  if (current() == nullptr) return invalid_context;
  if (const int status = forbidden_in_capture(); status != success) return status;
  const std::lock_guard guard(world().mutex);
  if (!knows_stream(stream)) return invalid_handle;
  ++world().synchronisations;
  return setting("synchronize", success);
}

// What tests look at. These are no functions of CUDA.

STANDIN long standin_launches() { return world().launches; }
STANDIN long standin_synchronisations() { return world().synchronisations; }
/// Of the last launch, along an axis.
STANDIN unsigned standin_last_blocks(int axis) { return world().last_grid[axis]; }
STANDIN unsigned standin_last_threads(int axis) { return world().last_block[axis]; }
STANDIN long standin_pointer_queries() { return world().pointer_queries; }
STANDIN void* standin_last_stream() { return world().last_stream; }
STANDIN long standin_allocations() { return static_cast<long>(world().allocations.size()); }
/// In the order of streams, so far.
STANDIN long standin_queued_allocations() { return world().queued_allocations; }
STANDIN long standin_modules() { return static_cast<long>(world().modules.size()); }
STANDIN long standin_references(int device) { return world().contexts[device].references; }
STANDIN void standin_begin_capture(void* stream) {
  world().capturing = true;
  world().capture_broken = false;
  world().captured_stream = stream;
  world().captured.clear();
  for (const std::uintptr_t address : world().captured_memory) {
    world().allocations.erase(address);
    std::free(reinterpret_cast<void*>(address));
  }
  world().captured_memory.clear();
}
/// The number of captured launches; -1 when something forbidden was called.
STANDIN long standin_end_capture() {
  world().capturing = false;
  return world().capture_broken ? -1 : static_cast<long>(world().captured.size());
}
STANDIN void standin_replay() {
  for (CapturedLaunch& launch : world().captured) {
    std::vector<void*> pointers;
    for (auto& bytes : launch.parameters) pointers.push_back(bytes.data());
    launch.function->run(launch.grid, launch.block, pointers.data());
  }
}
