#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cppstencils::explain {

/// Loops that do nothing but keep one part of a processor busy. All of them work in vectors of one size.
template <class T>
struct ArithmeticLoops {
  /// As many additions as multiplications, none of which waits for a recent one. Returns how many in all.
  double (*add_and_multiply)(std::int64_t rounds);
  /// Fused multiply-adds; null where the processor has none.
  double (*multiply_add)(std::int64_t rounds);
  double (*divide)(std::int64_t rounds);
};

struct MachineLoops {
  std::size_t vector_bytes = 0;
  ArithmeticLoops<double> float64;
  ArithmeticLoops<float> float32;
  /// to = scalar * from, for `bytes` bytes that are a multiple of 256 and memory that is aligned to 64.
  void (*scale)(void* to, const void* from, std::size_t bytes);
  /// The same by stores that pass by the caches; null where the processor has none.
  void (*scale_streaming)(void* to, const void* from, std::size_t bytes);
};

/// The loops for every vector size of this processor, widest first.
std::vector<MachineLoops> machine_loops();

}  // namespace cppstencils::explain
