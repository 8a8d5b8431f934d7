#pragma once

#include <memory>
#include <string>

#include "cppstencils/jit/jit_base.hpp"
#include "cppstencils/support/cache_options.hpp"

namespace cppstencils {

struct LlvmJitOptions {
  CacheOptions cache = {};
};

/// Compiles in the running process with LLVM: no compiler, no child process, milliseconds per kernel.
/// The default JIT on the CPU. One object may compile in many threads at once; kernels outlive it.
class CPPSTENCILS_EXPORT LlvmJit final : public ExecutableJit {
 public:
  /// Throws UnsupportedError when the library was built without LLVM (see `available`).
  explicit LlvmJit(LlvmJitOptions options = {});
  ~LlvmJit() override;

  std::shared_ptr<Executable> build(const KernelFunction& kernel) override;

  /// Empty when LlvmJit works in this build, else the reason why not.
  static std::string unavailable_reason();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cppstencils
