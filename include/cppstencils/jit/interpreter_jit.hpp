#pragma once

#include <memory>

#include "cppstencils/jit/jit_base.hpp"

namespace cppstencils {

/// Runs kernels by walking their IR, cell by cell: slow, simple, needs nothing. The reference for every other JIT.
class CPPSTENCILS_EXPORT InterpreterJit final : public ExecutableJit {
 public:
  InterpreterJit() = default;
  ~InterpreterJit() override;
  std::shared_ptr<Executable> build(const KernelFunction& kernel) override;
};

}  // namespace cppstencils
