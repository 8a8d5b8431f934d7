#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cppstencils/jit/executable.hpp"
#include "cppstencils/jit/launch_choice.hpp"
#include "cppstencils/jit/stream.hpp"
#include "cppstencils/support/export.hpp"

namespace cppstencils {

/// A checked call of a GPU kernel, packed once and started as often as wanted. Refers to the code that made it.
class CPPSTENCILS_EXPORT LaunchPlan {
 public:
  LaunchPlan() = default;
  LaunchPlan(const LaunchPlan&) = delete;
  LaunchPlan& operator=(const LaunchPlan&) = delete;
  virtual ~LaunchPlan();

  /// Queues the work on a stream and does not wait for it. Throws LaunchError.
  virtual void launch(Stream stream) const = 0;
};

/// Compiled code for a GPU and everything it needs to stay alive. Implementations are safe to use from several threads.
class CPPSTENCILS_EXPORT DeviceExecutable {
 public:
  DeviceExecutable() = default;
  DeviceExecutable(const DeviceExecutable&) = delete;
  DeviceExecutable& operator=(const DeviceExecutable&) = delete;
  virtual ~DeviceExecutable();

  /// The number of the GPU that the arrays of a call must be on.
  virtual int device() const = 0;
  /// Whether the GPU can address this memory. Asked for every array of a call; true where nothing is known.
  virtual bool can_address(const void* memory) const = 0;
  /// A call that updates the cells begin[d], begin[d] + step[d], ... below end[d] of each dimension d. All arrays
  /// belong to the caller and are copied. Throws ArgumentError (argument-size) for a choice that does not reach all
  /// cells or that the GPU cannot launch, and UnknownName (missing-argument) where the kernel wants a grid and none is
  /// given.
  virtual std::unique_ptr<LaunchPlan> plan(const CppstencilsKernelArguments& arguments, const std::int64_t* begin,
                                           const std::int64_t* end, const LaunchChoice& choice) const = 0;
  /// The code as text of an assembler. By default throws UnsupportedError.
  virtual std::string assembly() const;
};

}  // namespace cppstencils
