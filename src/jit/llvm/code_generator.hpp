#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "jit/llvm/processor.hpp"

namespace cppstencils::jit {

/// Makes LLVM ready to generate code; cheap when it has been done.
///
/// Loop strength reduction is switched off for the whole process: it takes most of the time of code generation for
/// stencil loops and makes them slower. LLVM has no other switch for it.
void initialize_llvm();

enum class CodeForm : std::uint8_t { object, assembly };

/// Turns optimised kernels into machine code for one processor. Any number of threads may use one object at once.
class CodeGenerator {
 public:
  explicit CodeGenerator(Processor processor);
  ~CodeGenerator();
  CodeGenerator(const CodeGenerator&) = delete;
  CodeGenerator& operator=(const CodeGenerator&) = delete;

  const Processor& processor() const { return processor_; }

  /// A relocatable object with the function emit::llvm_function_name(kernel.name), or its assembly text. `text_file` is
  /// as for emit::ir_to_llvm(). Throws CompileError.
  std::vector<std::byte> generate(const ir::Kernel& optimised, CodeForm form = CodeForm::object,
                                  ir::StorePolicy stores = ir::StorePolicy::cached, const std::string& text_file = {});

  /// Makes what LLVM's passes begin with, and drops it: a part of `generate`, to be measured alone.
  void emit_only(const ir::Kernel& optimised) const;

  /// Every option of code generation, for cache keys.
  static std::string_view options();

 private:
  class Pipeline;

  std::unique_ptr<Pipeline> take_idle();
  void put_idle(std::unique_ptr<Pipeline> pipeline);

  Processor processor_;
  // To set one up takes 1 ms, a third of the time of a small kernel. It serves one thread at a time.
  std::mutex mutex_;
  std::vector<std::unique_ptr<Pipeline>> idle_;
};

}  // namespace cppstencils::jit
