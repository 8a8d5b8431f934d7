#pragma once

#include <memory>
#include <string>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/ir/variant.hpp"
#include "cppstencils/support/error.hpp"
#include "emit/ir_to_llvm.hpp"
#include "jit/llvm/code_generator.hpp"
#include "jit/llvm/engine.hpp"
#include "jit/llvm/processor.hpp"
#include "passes/pipeline.hpp"

namespace cppstencils::testing {

/// Compiles IR kernels for one processor, without caches.
class LlvmCompiler {
 public:
  explicit LlvmCompiler(const std::string& processor = "native")
      : LlvmCompiler(jit::find_processor(processor), jit::Engine::create()) {}
  LlvmCompiler(jit::Processor processor, std::shared_ptr<jit::Engine> engine)
      : generator_(std::move(processor)), engine_(std::move(engine)) {}

  std::shared_ptr<jit::LoadedKernel> compile(const ir::Kernel& kernel, ir::Variant variant) {
    return engine_->load(generator_.generate(passes::optimize(kernel, variant), jit::CodeForm::object, variant.stores),
                         emit::llvm_function_name(kernel.name));
  }
  std::string assembly(const ir::Kernel& kernel, ir::Variant variant) {
    const auto bytes = generator_.generate(passes::optimize(kernel, variant), jit::CodeForm::assembly, variant.stores);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  const jit::Processor& processor() const { return generator_.processor(); }

 private:
  jit::CodeGenerator generator_;
  std::shared_ptr<jit::Engine> engine_;
};

/// "native" and the x86-64 levels that this machine has.
inline std::vector<std::string> usable_processors() {
  std::vector<std::string> names;
  for (const char* name : {"native", "x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"}) {
    try {
      jit::find_processor(name);
      names.emplace_back(name);
    } catch (const ConfigError&) {
      // not on this machine
    }
  }
  return names;
}

}  // namespace cppstencils::testing
