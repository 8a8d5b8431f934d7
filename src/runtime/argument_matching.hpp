#pragma once

#include <cstddef>

#include "cppstencils/runtime/arguments.hpp"
#include "runtime/prepared_kernel.hpp"
#include "runtime/scratch_array.hpp"

namespace cppstencils::runtime {

/// The arguments of a call in the order of the kernel's parameters. Points into the caller's arguments.
class MatchedArguments {
 public:
  explicit MatchedArguments(const PreparedKernel& kernel)
      : buffers_(kernel.buffers.size()),
        arrays_(kernel.buffers.size() + kernel.reductions.size()),
        scalars_(kernel.scalars.size()) {}

  /// Of the buffers, then of the reductions.
  const ArrayRef** arrays() { return arrays_.data(); }
  const ArrayRef& array(std::size_t buffer) { return *arrays_.data()[buffer]; }
  const ArrayRef& reduction(std::size_t i) { return *arrays_.data()[buffers_ + i]; }
  const ScalarValue** scalars() { return scalars_.data(); }
  const ScalarValue& scalar(std::size_t i) { return *scalars_.data()[i]; }

 private:
  std::size_t buffers_;
  ScratchArray<const ArrayRef*, 24> arrays_;
  ScratchArray<const ScalarValue*, 24> scalars_;
};

/// Gives every parameter its argument. Throws UnknownName (missing-argument, unknown-argument, duplicate-argument) or
/// TypeMismatch (argument-kind).
void match_arguments(const PreparedKernel& kernel, Arguments arguments, MatchedArguments& matched);

}  // namespace cppstencils::runtime
