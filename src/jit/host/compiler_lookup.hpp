#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cppstencils::jit {

/// A compiler as it is started: programs by absolute path (a wrapper such as ccache first, the compiler last), then
/// flags that came with its name.
struct CompilerCommand {
  std::vector<std::string> programs;
  std::vector<std::string> flags;

  const std::string& compiler() const { return programs.back(); }
};

/// Finds the compiler of `option` (a name or path); if that is empty, of the environment variable CXX (names or paths
/// and flags, separated by spaces); else the first of c++, g++, clang++ in PATH. Relative folders in PATH are skipped.
/// Throws CompileError (compiler-not-found), or ConfigError (compiler-option) for a flag in CXX that is refused.
CompilerCommand find_compiler(std::string_view option);

/// What tells two compilers apart, without starting them: real paths, sizes and times of the programs.
std::string file_identity(const CompilerCommand& command);

/// The environment of a compiler: only what it needs to find its parts, with `temporary` as its temporary folder.
std::vector<std::string> compiler_environment(const std::string& temporary);

}  // namespace cppstencils::jit
