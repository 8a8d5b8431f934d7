#pragma once

#include <cstddef>
#include <cstdint>

// The part of the CUDA driver that is used, as its documentation describes it, under the names whose meaning never
// changes again. No header of CUDA is needed to build.
namespace cppstencils::jit {

using DeviceAddress = std::uint64_t;
using DriverDevice = int;
using DriverContext = struct DriverContextData*;
using DriverModule = struct DriverModuleData*;
using DriverFunction = struct DriverFunctionData*;
using DriverStream = struct DriverStreamData*;

/// Results that mean something here.
enum DriverStatus : int {
  driver_success = 0,
  driver_out_of_memory = 2,
  driver_not_initialized = 3,
  driver_stub_library = 34,
  driver_no_device = 100,
  driver_not_supported = 801,
  driver_unknown = 999,
};

enum DeviceAttribute : int {
  attribute_generation_major = 75,
  attribute_generation_minor = 76,
};

enum PointerAttribute : int {
  pointer_memory_type = 2,
  pointer_is_managed = 8,
  pointer_device_ordinal = 9,
};
inline constexpr unsigned memory_type_host = 1;
inline constexpr unsigned memory_type_device = 2;

enum FunctionAttribute : int {
  function_most_threads = 0,
  function_local_bytes = 3,
  function_registers = 4,
};

enum ModuleOption : int {
  module_error_log = 5,
  module_error_log_size = 6,
};

/// A copy of equally long rows.
struct DriverCopy2d {
  std::size_t source_x = 0;
  std::size_t source_y = 0;
  unsigned source_type = 0;
  const void* source_host = nullptr;
  DeviceAddress source_device = 0;
  void* source_array = nullptr;
  std::size_t source_pitch = 0;
  std::size_t target_x = 0;
  std::size_t target_y = 0;
  unsigned target_type = 0;
  void* target_host = nullptr;
  DeviceAddress target_device = 0;
  void* target_array = nullptr;
  std::size_t target_pitch = 0;
  std::size_t width = 0;
  std::size_t height = 0;
};
static_assert(sizeof(DriverCopy2d) == 128);

/// X(member, name in the library, parameters). All return a DriverStatus as int.
#define CPPSTENCILS_DRIVER_FUNCTIONS(X)                                                                               \
  X(init, cuInit, (unsigned flags))                                                                                   \
  X(driver_version, cuDriverGetVersion, (int* version))                                                               \
  X(error_name, cuGetErrorName, (int status, const char** text))                                                      \
  X(error_text, cuGetErrorString, (int status, const char** text))                                                    \
  X(device_count, cuDeviceGetCount, (int* count))                                                                     \
  X(device, cuDeviceGet, (DriverDevice * device, int ordinal))                                                        \
  X(device_name, cuDeviceGetName, (char* text, int size, DriverDevice device))                                        \
  X(device_attribute, cuDeviceGetAttribute, (int* value, int attribute, DriverDevice device))                         \
  X(retain_context, cuDevicePrimaryCtxRetain, (DriverContext * context, DriverDevice device))                         \
  X(release_context, cuDevicePrimaryCtxRelease_v2, (DriverDevice device))                                             \
  X(current_context, cuCtxGetCurrent, (DriverContext * context))                                                      \
  X(current_device, cuCtxGetDevice, (DriverDevice * device))                                                          \
  X(push_context, cuCtxPushCurrent_v2, (DriverContext context))                                                       \
  X(pop_context, cuCtxPopCurrent_v2, (DriverContext * context))                                                       \
  X(load_module, cuModuleLoadDataEx,                                                                                  \
    (DriverModule * module, const void* image, unsigned count, int* options, void** values))                          \
  X(unload_module, cuModuleUnload, (DriverModule module))                                                             \
  X(module_function, cuModuleGetFunction, (DriverFunction * function, DriverModule module, const char* name))         \
  X(function_attribute, cuFuncGetAttribute, (int* value, int attribute, DriverFunction function))                     \
  X(launch, cuLaunchKernel,                                                                                           \
    (DriverFunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,  \
     unsigned block_z, unsigned shared_bytes, DriverStream stream, void** parameters, void** extra))                  \
  X(allocate, cuMemAlloc_v2, (DeviceAddress * address, std::size_t bytes))                                            \
  X(free, cuMemFree_v2, (DeviceAddress address))                                                                      \
  X(allocate_queued, cuMemAllocAsync, (DeviceAddress * address, std::size_t bytes, DriverStream stream))              \
  X(free_queued, cuMemFreeAsync, (DeviceAddress address, DriverStream stream))                                        \
  X(copy_rows, cuMemcpy2DAsync_v2, (const DriverCopy2d* copy, DriverStream stream))                                   \
  X(copy_to_device, cuMemcpyHtoDAsync_v2,                                                                             \
    (DeviceAddress target, const void* source, std::size_t bytes, DriverStream stream))                               \
  X(copy_to_host, cuMemcpyDtoHAsync_v2, (void* target, DeviceAddress source, std::size_t bytes, DriverStream stream)) \
  X(set_bytes, cuMemsetD8Async, (DeviceAddress target, unsigned char value, std::size_t count, DriverStream stream))  \
  X(pointer_attributes, cuPointerGetAttributes,                                                                       \
    (unsigned count, int* attributes, void** values, DeviceAddress address))                                          \
  X(create_stream, cuStreamCreate, (DriverStream * stream, unsigned flags))                                           \
  X(destroy_stream, cuStreamDestroy_v2, (DriverStream stream))                                                        \
  X(wait_for_stream, cuStreamSynchronize, (DriverStream stream))

struct DriverFunctions {
#define CPPSTENCILS_DRIVER_MEMBER(member, name, parameters) int(*member) parameters = nullptr;
  CPPSTENCILS_DRIVER_FUNCTIONS(CPPSTENCILS_DRIVER_MEMBER)
#undef CPPSTENCILS_DRIVER_MEMBER
};

}  // namespace cppstencils::jit
