#include "cppstencils/jit/llvm_jit.hpp"
#include "cppstencils/support/error.hpp"

namespace cppstencils {
namespace {

[[noreturn]] void refuse() {
  throw UnsupportedError({.code = ErrorCode::unsupported,
                          .message = LlvmJit::unavailable_reason(),
                          .hints = {"Use LegacyCpuJit, or build cppstencils with -DCPPSTENCILS_LLVM=ON."}});
}

}  // namespace

struct LlvmJit::State {};

LlvmJit::LlvmJit(LlvmJitOptions) { refuse(); }
LlvmJit::~LlvmJit() = default;
std::shared_ptr<Executable> LlvmJit::build(const KernelFunction&) { refuse(); }

std::string LlvmJit::unavailable_reason() { return "This build of cppstencils has no LLVM."; }

}  // namespace cppstencils
