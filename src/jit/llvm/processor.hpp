#pragma once

#include <string>
#include <string_view>

#include "emit/ir_to_llvm.hpp"

namespace cppstencils::jit {

/// A processor that code is made for.
struct Processor {
  std::string triple;
  std::string name;
  /// All instruction set extensions that LLVM knows of, in alphabetical order, "+avx2,-sse4a,...".
  std::string features;
  /// The vectors that it has.
  emit::LlvmOptions vectors;
};

/// The processor of this machine for "native", else the one that LLVM knows by this name ("x86-64-v3").
/// Throws ConfigError (invalid-config) when there is none, or when this machine lacks something that it has.
Processor find_processor(std::string_view name);

}  // namespace cppstencils::jit
