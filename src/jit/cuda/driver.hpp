#pragma once

#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jit/cuda/driver_functions.hpp"
#include "jit/cuda/dynamic_library.hpp"
#include "jit/cuda/library_version.hpp"

namespace cppstencils::jit {

/// The CUDA driver, opened while the program runs and initialised. Safe to use from several threads.
class Driver {
 public:
  /// Opens what the environment variable CPPSTENCILS_CUDA_DRIVER names, else 'libcuda.so.1'. Throws UnsupportedError
  /// that says why there is no GPU to run on.
  static std::shared_ptr<const Driver> open();

  const DriverFunctions* operator->() const { return &functions_; }
  /// The newest CUDA that the driver knows.
  LibraryVersion version() const { return version_; }
  int device_count() const { return device_count_; }
  const std::string& path() const { return library_.path(); }

  /// False in a child of fork(), where CUDA works no more and nothing of it may be called.
  bool is_usable() const { return process_ == ::getpid(); }
  /// Throws UnsupportedError there.
  void require_usable() const {
    if (!is_usable()) fail_forked({});
  }

  /// The name and the sentence of a status, such as "CUDA_ERROR_NO_DEVICE (100): no CUDA-capable device is detected".
  std::string describe(int status) const;
  /// Throws LaunchError (launch-failed) for a status that is no success. `action` completes "The GPU driver could not".
  void check(int status, std::string_view action) const {
    if (status != driver_success) fail(status, action);
  }
  [[noreturn]] void fail(int status, std::string_view action) const;

 private:
  [[noreturn]] static void fail_forked(std::vector<std::string> notes);
  explicit Driver(DynamicLibrary library);

  DynamicLibrary library_;
  DriverFunctions functions_;
  LibraryVersion version_;
  int device_count_ = 0;
  pid_t process_;
};

/// The primary context of a device, which CUDA programs share. Safe to use from several threads.
class DeviceContext {
 public:
  /// Throws UnsupportedError for an ordinal that no device has.
  static std::shared_ptr<DeviceContext> open(std::shared_ptr<const Driver> driver, int ordinal);
  DeviceContext(const DeviceContext&) = delete;
  DeviceContext& operator=(const DeviceContext&) = delete;
  ~DeviceContext();

  const Driver& driver() const { return *driver_; }
  int ordinal() const { return ordinal_; }
  const std::string& name() const { return name_; }
  /// Such as 90.
  int generation() const { return generation_; }

  /// Makes the context the current one of the thread while it lives. Throws UnsupportedError in a child of fork().
  class Use {
   public:
    explicit Use(const DeviceContext& context);
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use();

   private:
    const DeviceContext& context_;
    bool pushed_ = false;
  };

 private:
  DeviceContext(std::shared_ptr<const Driver> driver, int ordinal);

  std::shared_ptr<const Driver> driver_;
  int ordinal_;
  DriverDevice device_ = 0;
  DriverContext context_ = nullptr;
  int generation_ = 0;
  std::string name_;
};

}  // namespace cppstencils::jit
