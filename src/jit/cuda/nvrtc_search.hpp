#pragma once

#include <filesystem>
#include <vector>

#include "jit/cuda/dynamic_library.hpp"

namespace cppstencils::jit {

/// Opens NVRTC, and its part 'builtins' before it where that lies beside it: see `Nvrtc::open`. Throws CompileError
/// (compiler-not-found) that lists the places.
DynamicLibrary find_nvrtc(const std::vector<std::filesystem::path>& directories);

}  // namespace cppstencils::jit
