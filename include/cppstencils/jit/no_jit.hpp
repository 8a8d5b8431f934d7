#pragma once

#include <memory>

#include "cppstencils/jit/jit_base.hpp"

namespace cppstencils {

/// Refuses to compile: for programs that only create and print kernels.
class CPPSTENCILS_EXPORT NoJit final : public ExecutableJit {
 public:
  NoJit() = default;
  ~NoJit() override;
  /// Always throws UnsupportedError (jit-disabled).
  std::shared_ptr<Executable> build(const KernelFunction& kernel) override;
};

/// A ready NoJit for `CreateKernelConfig::jit`.
CPPSTENCILS_EXPORT extern const std::shared_ptr<NoJit> no_jit;

}  // namespace cppstencils
