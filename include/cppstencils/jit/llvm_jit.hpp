#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cppstencils/jit/jit_base.hpp"
#include "cppstencils/support/cache_options.hpp"

namespace cppstencils {

/// A tool outside of the process that shows kernels by name.
enum class JitTool : std::uint8_t {
  /// Debuggers that know the JIT interface of gdb. Kernels have a file with their IR, whose lines are the source lines;
  /// they are compiled anew in every process, and they and their files stay until the process ends.
  gdb,
  /// Kernels are listed in /tmp/perf-<process>.map.
  perf,
};

struct LlvmJitOptions {
  CacheOptions cache = {};
  /// Absent: those that the environment variable CPPSTENCILS_JIT_TOOLS lists, "gdb", "perf" or "gdb,perf".
  std::optional<std::vector<JitTool>> tools = {};
};

/// Compiles in the running process with LLVM: no compiler, no child process, milliseconds per kernel.
/// The default JIT on the CPU. One object may compile in many threads at once; kernels outlive it.
class CPPSTENCILS_EXPORT LlvmJit final : public ExecutableJit {
 public:
  /// Throws UnsupportedError when the library was built without LLVM (see `unavailable_reason`), ConfigError when
  /// CPPSTENCILS_JIT_TOOLS lists something else. `build` throws UnsupportedError where code cannot be run.
  explicit LlvmJit(LlvmJitOptions options = {});
  ~LlvmJit() override;

  std::shared_ptr<Executable> build(const KernelFunction& kernel) override;

  /// Empty when LlvmJit works in this build and in this process, else the reason why not. Some systems forbid to
  /// execute what a process has written; kernels without a JIT of their own then use LegacyCpuJit.
  static std::string unavailable_reason();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cppstencils
