#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "cppstencils/jit/executable.hpp"

namespace cppstencils::jit {

class Engine;

/// What tools outside of the process see of kernels.
struct Visibility {
  bool in_gdb = false;
  bool in_perf = false;
};

/// Machine code in memory. Keeps its engine alive, and gives the memory back at the end, unless debuggers know of it.
class LoadedKernel {
 public:
  ~LoadedKernel();
  LoadedKernel(const LoadedKernel&) = delete;
  LoadedKernel& operator=(const LoadedKernel&) = delete;

  CppstencilsKernelFunction function() const { return function_; }

 private:
  friend class Engine;
  struct Library;
  LoadedKernel(std::shared_ptr<Engine> engine, std::unique_ptr<Library> library);
  static void keep(std::shared_ptr<Engine> engine, std::unique_ptr<Library> library);

  std::shared_ptr<Engine> engine_;
  std::unique_ptr<Library> library_;
  CppstencilsKernelFunction function_ = nullptr;
};

/// Links objects into the process. Knows nothing of kernels or processors. Any number of threads may use it; linking
/// takes microseconds, so one lock around all of it costs nothing and makes it simple to reason about.
class Engine : public std::enable_shared_from_this<Engine> {
 public:
  static std::shared_ptr<Engine> create(const Visibility& visibility = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// `title` is what profilers show. Throws CompileError when the bytes are not an object that can be linked, or when
  /// it has no such function.
  std::shared_ptr<LoadedKernel> load(std::span<const std::byte> object, const std::string& function,
                                     const std::string& title = {});

 private:
  friend class LoadedKernel;
  struct Session;
  Engine(std::unique_ptr<Session> session, const Visibility& visibility);
  void unload(std::unique_ptr<LoadedKernel::Library> library) noexcept;

  std::mutex mutex_;
  std::unique_ptr<Session> session_;
  Visibility visibility_;
};

}  // namespace cppstencils::jit
