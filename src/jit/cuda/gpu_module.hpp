#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "jit/cuda/driver.hpp"

namespace cppstencils::jit {

/// Code on a GPU, loaded and ready.
class GpuModule {
 public:
  /// Loads everything now, so that no launch has to. Throws CompileError (compile-failed) with the log of the driver.
  /// The name of the second function is empty where there is none.
  GpuModule(std::shared_ptr<DeviceContext> context, std::span<const std::byte> code, const std::string& function,
            const std::string& second_function = {});
  GpuModule(const GpuModule&) = delete;
  GpuModule& operator=(const GpuModule&) = delete;
  ~GpuModule();

  const std::shared_ptr<DeviceContext>& context() const { return context_; }
  DriverFunction function() const { return function_; }
  /// Null where there is none.
  DriverFunction second_function() const { return second_function_; }
  /// Threads of a block that the registers of the GPU allow.
  int most_threads() const { return most_threads_; }

 private:
  std::shared_ptr<DeviceContext> context_;
  DriverModule module_ = nullptr;
  DriverFunction function_ = nullptr;
  DriverFunction second_function_ = nullptr;
  int most_threads_ = 0;
};

}  // namespace cppstencils::jit
