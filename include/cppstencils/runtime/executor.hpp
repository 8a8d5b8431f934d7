#pragma once

#include <cstddef>
#include <functional>

#include "cppstencils/support/export.hpp"

namespace cppstencils {

/// Runs the parts of large calls. Derive from it to run kernels on threads of your own, and set `CpuOptions::executor`;
/// without one, calls share a small pool of the library.
class CPPSTENCILS_EXPORT Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor();

  /// Calls part(0) to part(count - 1), each once, in any order and on any threads, and returns when all of them have
  /// returned. `part` throws nothing. Kernels that are called from several threads call this from several threads.
  virtual void run(std::size_t count, const std::function<void(std::size_t)>& part) = 0;
};

}  // namespace cppstencils
