#pragma once

#include <cstdint>
#include <vector>

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::testing {

enum class MathFunctions : std::uint8_t { excluded, included };

struct RandomKernelOptions {
  /// Loop dimensions; 0 picks 1 to 3.
  int rank = 0;
  /// Types of buffers, scalars and values. Booleans also appear as conditions; cell coordinates only with int64.
  std::vector<DType> dtypes = {DType::float64, DType::float32, DType::int64,  DType::int32, DType::int16,  DType::int8,
                               DType::uint64,  DType::uint32,  DType::uint16, DType::uint8, DType::boolean};
  /// Largest number of Let statements and of Store statements.
  int lets = 6;
  int stores = 3;
  /// Largest number of reductions.
  int reductions = 0;
  /// Largest depth of an expression, besides references to earlier ones.
  int depth = 4;
  MathFunctions math_functions = MathFunctions::excluded;
  ir::FpMode fp_mode = ir::FpMode::strict;
  /// With `sequential`, cells also read and write what other cells write.
  ir::IterationOrder order = ir::IterationOrder::independent;
};

/// Largest offset of an access of a random kernel.
inline constexpr std::int64_t random_kernel_ghost_layers = 2;

/// A valid kernel as `create_kernel` would make it, before any pass. The same seed gives the same kernel everywhere.
ir::Kernel random_kernel(std::uint64_t seed, const RandomKernelOptions& options = {});

}  // namespace cppstencils::testing
