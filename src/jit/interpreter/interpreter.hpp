#pragma once

#include <array>
#include <cstdint>
#include <variant>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/jit/executable.hpp"

namespace cppstencils::jit {

/// Runs a kernel by walking its IR, cell by cell. It follows `cppstencils/ir/expr.hpp` to the letter, takes kernels
/// before and after every pass, and knows none of the passes: it is what everything else is compared with.
/// Math functions are what `ir/functions/expand_functions.hpp` says; the others are those of the C library, in float32
/// their float versions (tanf, asinf, ...).
///
/// Immutable after construction; any number of threads may run one object.
class Interpreter {
 public:
  /// The kernel must satisfy ir::verify.
  explicit Interpreter(const ir::Kernel& kernel);

  /// Updates the cells of the box as stated at CppstencilsKernelFunction.
  void run(const CppstencilsKernelArguments& arguments, const std::int64_t* begin, const std::int64_t* end) const;

 private:
  friend class Frame;
  /// Computes one node from the values of its operands. Every node has a slot of its own.
  struct Compute {
    ir::Expr expr;
    std::uint32_t slot;
    std::array<std::uint32_t, 3> operands;
  };
  struct WriteCell {
    ir::Store store;
    std::uint32_t value;
  };
  struct WriteElement {
    ir::BufferId buffer;
    std::uint32_t position;
    std::uint32_t value;
  };
  struct Accumulate {
    ir::ReductionId id;
    std::uint32_t value;
  };
  struct Repeat;
  using Step = std::variant<Compute, WriteCell, WriteElement, Accumulate, Repeat>;
  struct Repeat {
    int dimension;
    std::int64_t step;
    std::vector<Step> body;
  };
  class Flattener;

  ir::Kernel kernel_;
  std::vector<std::size_t> first_stride_;  // of each buffer in CppstencilsKernelArguments::strides
  std::vector<Step> steps_;
  std::uint32_t slots_ = 0;
};

/// Runs `kernel` once.
void interpret(const ir::Kernel& kernel, const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
               const std::int64_t* end);

}  // namespace cppstencils::jit
