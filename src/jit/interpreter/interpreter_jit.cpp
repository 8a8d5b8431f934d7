#include "cppstencils/jit/interpreter_jit.hpp"

#include "cppstencils/kernel/create_kernel.hpp"
#include "jit/interpreter/interpreter.hpp"
#include "passes/pipeline.hpp"

namespace cppstencils {
namespace {

extern "C" std::int32_t cppstencils_interpret(const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                                              const std::int64_t* end) {
  // The kernel ABI has no exceptions. All that a verified kernel can run out of is memory.
  try {
    static_cast<const jit::Interpreter*>(arguments->context)->run(*arguments, begin, end);
    return 0;
  } catch (...) {
    return 1;
  }
}

class InterpreterExecutable final : public Executable {
 public:
  explicit InterpreterExecutable(const ir::Kernel& kernel) : interpreter_(kernel) {}
  EntryPoint entry_point(Variant) override { return {cppstencils_interpret, &interpreter_}; }
  CodeDescription describe(Variant) const override {
    return {"the interpreter", 1, "One cell at a time, because the interpreter walks the IR of the kernel."};
  }

 private:
  jit::Interpreter interpreter_;
};

}  // namespace

InterpreterJit::~InterpreterJit() = default;

std::shared_ptr<Executable> InterpreterJit::build(const KernelFunction& kernel) {
  const ir::Kernel& created = kernel.kernel_ir();
  // Strict kernels run as they were created, so that the passes can be tested against them. The other modes are
  // defined by the passes: it is them that choose what is fused.
  if (created.fp_mode == FpMode::strict) return std::make_shared<InterpreterExecutable>(created);
  return std::make_shared<InterpreterExecutable>(passes::optimize(created, {.inner_stride = InnerStride::any}));
}

}  // namespace cppstencils
