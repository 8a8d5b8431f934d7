#include "jit/llvm/llvm_error.hpp"

#include "cppstencils/support/error.hpp"

namespace cppstencils::jit {

void throw_compile_error(std::string message, llvm::Error error) {
  throw_compile_error(std::move(message), llvm::toString(std::move(error)));
}

void throw_compile_error(std::string message, std::string note) {
  ErrorInfo info{.code = ErrorCode::compile_failed, .message = std::move(message)};
  if (!note.empty()) info.notes.push_back(std::move(note));
  throw CompileError(std::move(info));
}

}  // namespace cppstencils::jit
