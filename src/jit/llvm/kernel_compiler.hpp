#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>

#include "cppstencils/jit/executable.hpp"
#include "cppstencils/jit/llvm_jit.hpp"
#include "cppstencils/kernel/kernel_function.hpp"
#include "jit/llvm/code_generator.hpp"
#include "jit/llvm/engine.hpp"
#include "support/file_cache.hpp"
#include "support/once_map.hpp"

namespace cppstencils::jit {

/// Turns kernels into loaded code: cache, passes, code generator, linker. Any number of threads may use it.
class KernelCompiler {
 public:
  /// Throws ConfigError when CPPSTENCILS_JIT_TOOLS is needed and wrong.
  explicit KernelCompiler(LlvmJitOptions options);

  std::shared_ptr<LoadedKernel> load(const KernelFunction& kernel, const Variant& variant);
  /// The processor that the kernel is compiled for.
  const Processor& processor_of(const KernelFunction& kernel);
  /// All that the code depends on, readable.
  std::string key(const KernelFunction& kernel, const Variant& variant);
  support::FileCache& cache() { return cache_; }
  CodeDescription describe(const KernelFunction& kernel, const Variant& variant);
  std::string assembly(const KernelFunction& kernel, const Variant& variant);

 private:
  std::shared_ptr<LoadedKernel> compile(const ir::Kernel& kernel, const Variant& variant, CodeGenerator& generator,
                                        const std::string& key);
  std::shared_ptr<LoadedKernel> load_cached(const std::string& key, const std::string& function,
                                            const std::string& title);
  std::shared_ptr<Engine> shared_engine();
  std::string write_text(const ir::Kernel& optimised);
  CodeGenerator& generator_for(const KernelFunction& kernel);

  support::FileCache cache_;
  Visibility visibility_;
  support::OnceMap<std::string, LoadedKernel> kernels_;
  std::mutex mutex_;  // only held by threads with an LlvmUse, so that it is free in a child of fork()
  std::shared_ptr<Engine> engine_;
  /// Per processor, size of vectors and how many of them are computed together.
  std::map<std::tuple<std::string, std::optional<int>, std::optional<int>>, std::unique_ptr<CodeGenerator>> generators_;
};

}  // namespace cppstencils::jit
