#pragma once

#include <llvm/Support/Error.h>

#include <string>
#include <utility>

namespace cppstencils::jit {

/// Throws CompileError with LLVM's text as note. `message` is one sentence.
[[noreturn]] void throw_compile_error(std::string message, llvm::Error error);
[[noreturn]] void throw_compile_error(std::string message, std::string note);

/// The value, or CompileError.
template <class T>
T value_or_throw(llvm::Expected<T> expected, const char* message) {
  if (!expected) throw_compile_error(message, expected.takeError());
  return std::move(*expected);
}

}  // namespace cppstencils::jit
