#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cppstencils/cppstencils.hpp"

namespace cppstencils::testing {

/// Stands in for compiled code: calls a function with every box.
class BoxExecutable final : public Executable {
 public:
  using Function = std::function<std::int32_t(const std::int64_t* begin, const std::int64_t* end)>;
  explicit BoxExecutable(Function function) : function_(std::move(function)) {}

  EntryPoint entry_point(Variant) override { return {&BoxExecutable::run, this}; }

 private:
  static std::int32_t run(const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                          const std::int64_t* end) {
    return static_cast<const BoxExecutable*>(arguments->context)->function_(begin, end);
  }
  Function function_;
};

/// Runs parts one after the other, the last one first, and counts them.
class CountingExecutor final : public Executor {
 public:
  void run(std::size_t count, const std::function<void(std::size_t)>& part) override {
    ++calls;
    parts = count;
    while (count-- > 0) part(count);
  }
  std::atomic<int> calls = 0;
  std::atomic<std::size_t> parts = 0;
};

/// A kernel that counts as much work per cell, so that small arrays make a large call. `tan` is a call of the C
/// library, which the interpreter runs faster than functions that are arithmetic of the IR.
inline KernelFunction waves(const CreateKernelConfig& config = {}) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  return create_kernel(assign(v(0, 0), tan(u(1, 0) + u(-1, 0)) * tan(u(0, 1) + u(0, -1))), config);
}

/// Arrays for it, large enough for five threads.
struct LargeArrays {
  static constexpr std::int64_t extent = 200;
  Array<double> u{{extent, extent}, {.padding = Padding::none}};
  Array<double> v{{extent, extent}, {.padding = Padding::none}};
  LargeArrays() {
    for (std::int64_t i = 0; i < u.size(); ++i) u.data()[i] = 1.0 / static_cast<double>(1 + i % 1001);
  }
};

/// Of dense arrays.
inline bool same(const Array<double>& a, const Array<double>& b) {
  return a.is_dense() && b.is_dense() && a.extents() == b.extents() &&
         std::equal(a.data(), a.data() + a.size(), b.data());
}

/// Number of threads of this process.
inline std::ptrdiff_t thread_count() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return std::distance(begin(threads), end(threads));
}

/// Sets an environment variable while it lives.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;
  ~ScopedVariable() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace cppstencils::testing
