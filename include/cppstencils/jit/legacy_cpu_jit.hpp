#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "cppstencils/jit/jit_base.hpp"
#include "cppstencils/support/cache_options.hpp"

namespace cppstencils {

struct LegacyCpuJitOptions {
  /// Name or path of a GCC- or Clang-compatible C++ compiler. Empty: the environment variable CXX, which may name a
  /// wrapper and flags ("ccache g++ -g"), else the first of c++, g++, clang++ in PATH.
  std::string compiler = {};
  /// Further flags, each one word. Accepted are those that are known to change speed, size or debugging only, such as
  /// -march=..., -mno-avx512f, -funroll-loops, -fno-tree-vectorize, --param=..., -g. Refused are all that run code or
  /// touch other files (-fplugin, -B, -specs, -wrapper, -Wl, @file, -I, -include ...), that break the numeric contract
  /// (-ffast-math, -Ofast, -ffp-contract ...), that the library sets itself (-o, -x, -std, -shared ...), and unknown
  /// ones.
  std::vector<std::string> flags = {};
  /// -O0, -O1, -O2, -O3, -Os, -Og or -Oz. No level changes a result.
  std::string optimization = "-O3";
  CacheOptions cache = {};
  /// The compiler is killed after this time.
  std::chrono::seconds time_limit{300};
};

/// Compiles with the host's C++ compiler into a shared object and loads it. The generated text includes nothing, so a
/// bare compiler is enough. Kernels outlive the JIT; one object may compile in many threads at once.
class CPPSTENCILS_EXPORT LegacyCpuJit final : public ExecutableJit {
 public:
  /// Does not look for the compiler yet; `build` does and throws CompileError (compiler-not-found).
  /// Throws ConfigError (compiler-option) for a refused flag.
  explicit LegacyCpuJit(LegacyCpuJitOptions options = {});
  ~LegacyCpuJit() override;

  std::shared_ptr<Executable> build(const KernelFunction& kernel) override;

  /// Absolute path of the compiler in use. Throws CompileError (compiler-not-found).
  std::string compiler() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cppstencils
