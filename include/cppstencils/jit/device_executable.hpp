#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cppstencils/jit/executable.hpp"
#include "cppstencils/jit/launch_choice.hpp"
#include "cppstencils/jit/stream.hpp"
#include "cppstencils/support/export.hpp"

namespace cppstencils {

/// A checked call of a GPU kernel, packed once and started as often as wanted. Refers to the code that made it. That of
/// a kernel with reductions has memory of its own for numbers on the way to the results: launches of one plan must not
/// run at the same time, which they could not do anyway, since they write the same results.
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
  /// Queues a call that `plan` describes on a stream and does not wait for it. Memory that the work needs beside the
  /// arrays lives until the work is done. By default that of a plan, which is launched and given up.
  virtual void launch(const CppstencilsKernelArguments& arguments, const std::int64_t* begin, const std::int64_t* end,
                      const LaunchChoice& choice, Stream stream) const;
  /// The code as text of an assembler. By default throws UnsupportedError.
  virtual std::string assembly() const;
};

}  // namespace cppstencils
