#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "cppstencils/jit/executable.hpp"
#include "cppstencils/kernel/kernel_function.hpp"
#include "cppstencils/support/cache_options.hpp"
#include "jit/llvm/code_generator.hpp"
#include "jit/llvm/engine.hpp"
#include "support/file_cache.hpp"
#include "support/once_map.hpp"

namespace cppstencils::jit {

/// Turns kernels into loaded code: cache, passes, code generator, linker. Any number of threads may use it.
class KernelCompiler {
 public:
  explicit KernelCompiler(CacheOptions cache) : cache_(std::move(cache)) {}

  std::shared_ptr<LoadedKernel> load(const KernelFunction& kernel, const Variant& variant);
  /// The processor that the kernel is compiled for.
  const Processor& processor_of(const KernelFunction& kernel);
  CodeDescription describe(const KernelFunction& kernel, const Variant& variant);
  std::string assembly(const KernelFunction& kernel, const Variant& variant);

 private:
  std::shared_ptr<LoadedKernel> compile(const ir::Kernel& kernel, const Variant& variant, CodeGenerator& generator,
                                        const std::string& key);
  std::shared_ptr<LoadedKernel> load_cached(const std::string& key, const std::string& function);
  std::shared_ptr<Engine> shared_engine();
  CodeGenerator& generator_for(const KernelFunction& kernel);

  support::FileCache cache_;
  support::OnceMap<std::string, LoadedKernel> kernels_;
  std::mutex mutex_;  // only held by threads with an LlvmUse, so that it is free in a child of fork()
  std::shared_ptr<Engine> engine_;
  std::map<std::string, std::unique_ptr<CodeGenerator>> generators_;
};

}  // namespace cppstencils::jit
