#include "cppstencils/jit/jit_base.hpp"

#include "cppstencils/jit/executable.hpp"

namespace cppstencils {

Executable::~Executable() = default;
JitBase::~JitBase() = default;
ExecutableJit::~ExecutableJit() = default;

}  // namespace cppstencils
