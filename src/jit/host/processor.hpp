#pragma once

#include <string>

namespace cppstencils::jit {

/// The processor as the compiler sees it for "native": everything that decides which instructions it may use. The same
/// on every core of a machine, in one line.
std::string processor_identity();

}  // namespace cppstencils::jit
