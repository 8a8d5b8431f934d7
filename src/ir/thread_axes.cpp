#include "ir/thread_axes.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "cppstencils/support/error.hpp"

namespace cppstencils::ir {
namespace {

/// Hands out loops to axes, innermost first.
class AxisList {
 public:
  explicit AxisList(std::vector<ThreadLoop> loops) : loops_(std::move(loops)) {}

  /// An axis along the next loop, or none where no loop is left.
  void add_one(int axis, ThreadSource source, bool is_strided) { add(axis, source, is_strided, 1); }
  /// An axis along all loops that are left.
  void add_rest(int axis, ThreadSource source, bool is_strided) { add(axis, source, is_strided, loops_.size()); }

  std::vector<ThreadAxis> take() { return std::move(axes_); }

 private:
  void add(int axis, ThreadSource source, bool is_strided, std::size_t most) {
    const std::size_t count = std::min(most, loops_.size() - next_);
    if (count == 0) return;
    const auto first = loops_.begin() + static_cast<std::ptrdiff_t>(next_);
    axes_.push_back({axis, source, is_strided, {first, first + static_cast<std::ptrdiff_t>(count)}});
    next_ += count;
  }

  std::vector<ThreadLoop> loops_;
  std::vector<ThreadAxis> axes_;
  std::size_t next_ = 0;
};

}  // namespace

std::string_view to_string(IndexingScheme scheme) {
  switch (scheme) {
    case IndexingScheme::linear3d:
      return "linear3d";
    case IndexingScheme::linear1d:
      return "linear1d";
    case IndexingScheme::gridstrided_linear3d:
      return "gridstrided_linear3d";
    case IndexingScheme::gridstrided_linear1d:
      return "gridstrided_linear1d";
    case IndexingScheme::blockwise4d:
      return "blockwise4d";
    case IndexingScheme::tiles:
      return "tiles";
  }
  return "unknown";
}

std::vector<const Loop*> loop_nest(const Kernel& kernel) {
  std::vector<const Loop*> loops;
  for (const Block* block = &kernel.body; block != nullptr;) {
    const Block* inner = nullptr;
    for (const Stmt& stmt : *block) {
      const auto* loop = std::get_if<Loop>(&stmt.kind);
      if (loop == nullptr) continue;
      loops.push_back(loop);
      inner = &loop->body;
    }
    block = inner;
  }
  return loops;
}

std::vector<ThreadAxis> thread_axes(const Kernel& kernel, const ThreadMapping& mapping) {
  std::vector<ThreadLoop> loops;
  for (const Loop* loop : loop_nest(kernel)) loops.insert(loops.begin(), {loop->dimension, loop->step, 1, 1});
  CPPSTENCILS_CHECK(!loops.empty(), "A kernel on a GPU has a loop.");
  loops.front().cells = mapping.cells.inner;
  loops.front().distance = mapping.block[0];
  if (mapping.cells.outer > 1) {
    CPPSTENCILS_CHECK(loops.size() > 1, "Cells along the outermost loop need a second loop.");
    loops.back().cells = mapping.cells.outer;
  }
  CPPSTENCILS_CHECK(mapping.cells.inner == 1 || mapping.scheme == IndexingScheme::linear3d ||
                        mapping.scheme == IndexingScheme::gridstrided_linear3d,
                    "Cells along the innermost loop need a scheme with an axis for it.");
  AxisList axes(std::move(loops));
  const bool is_strided = is_gridstrided(mapping.scheme);
  switch (mapping.scheme) {
    case IndexingScheme::linear3d:
    case IndexingScheme::gridstrided_linear3d:
      axes.add_one(0, ThreadSource::threads_and_blocks, is_strided);
      axes.add_one(1, ThreadSource::threads_and_blocks, is_strided);
      axes.add_rest(2, ThreadSource::threads_and_blocks, is_strided);
      break;
    case IndexingScheme::linear1d:
    case IndexingScheme::gridstrided_linear1d:
      axes.add_rest(0, ThreadSource::threads_and_blocks, is_strided);
      break;
    case IndexingScheme::blockwise4d:
      axes.add_one(0, ThreadSource::threads, true);
      axes.add_one(0, ThreadSource::blocks, false);
      axes.add_one(1, ThreadSource::blocks, false);
      axes.add_rest(2, ThreadSource::blocks, false);
      break;
    case IndexingScheme::tiles:
      axes.add_rest(0, ThreadSource::blocks, false);
      break;
  }
  return axes.take();
}

}  // namespace cppstencils::ir
