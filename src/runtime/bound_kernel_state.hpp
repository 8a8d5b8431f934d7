#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cppstencils/runtime/compiled_kernel.hpp"
#include "cppstencils/runtime/executor.hpp"
#include "runtime/block_use.hpp"
#include "runtime/bounds.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/partition.hpp"

namespace cppstencils {

struct BoundKernel::State {
  /// A call of a bound frame, which lies in `block`.
  static std::unique_ptr<State> make(std::shared_ptr<const CompiledKernel::State> compiled,
                                     std::unique_ptr<std::byte[]> block, const runtime::CallFrame& frame,
                                     runtime::Box contents, std::vector<std::int64_t> checked_extents,
                                     std::unique_ptr<LaunchPlan> plan, const LaunchChoice& choice);
  /// The same call by other code of the same kernel, on the CPU.
  std::unique_ptr<State> copy(std::shared_ptr<const CompiledKernel::State> other) const;
  class Tuner;

  /// All cells, which there are.
  void run() const;
  void run_checked() const;

  std::string kernel_name;
  /// Keeps the code alive.
  std::shared_ptr<const CompiledKernel::State> compiled;
  /// As chosen for the arrays; of no meaning without cells.
  ir::Variant variant;
  EntryPoint entry_point;
  /// The memory of `frame`.
  std::unique_ptr<std::byte[]> block;
  runtime::CallFrame frame;
  runtime::Box contents;
  runtime::Partition partition;
  runtime::Blocks blocks;
  /// Null for the pool of the library.
  std::shared_ptr<Executor> executor;
  /// One per dimension; as in the frame.
  std::vector<CellRange> box;
  std::vector<std::int64_t> steps;
  /// Of the arrays, spatial; empty unless calls check something.
  std::vector<std::int64_t> checked_extents;
  /// For a GPU kernel with cells; then `partition` has no parts.
  std::unique_ptr<LaunchPlan> plan;
  /// For parts of the box, too.
  LaunchChoice choice;
};

}  // namespace cppstencils
