#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "runtime/binding.hpp"
#include "runtime/bound_kernel_state.hpp"
#include "runtime/compiled_kernel_state.hpp"
#include "runtime/device_call.hpp"
#include "runtime/launch.hpp"
#include "runtime/parallel_launch.hpp"
#include "runtime/reduction.hpp"
#include "runtime/wording.hpp"

namespace cppstencils {

namespace {

[[noreturn]] void fail_box(const std::string& kernel_name, std::string message) {
  throw ArgumentError({.code = ErrorCode::out_of_bounds,
                       .message = fmt::format("The box given to the bound kernel '{}' {}", kernel_name, message)});
}

void check_range(const std::string& kernel_name, std::size_t dimension, const CellRange& part, const CellRange& whole,
                 std::int64_t step) {
  if (part.begin < whole.begin || part.end > whole.end) {
    fail_box(kernel_name, fmt::format("is [{}, {}) in dimension {}, which is not inside its cells [{}, {}).",
                                      part.begin, part.end, dimension, whole.begin, whole.end));
  }
  if (step != 1 && (part.begin - whole.begin) % step != 0) {
    fail_box(kernel_name, fmt::format("begins at {} in dimension {}, but the cells there are {}, {} and so on.",
                                      part.begin, dimension, whole.begin, whole.begin + step));
  }
}

}  // namespace

BoundKernel::BoundKernel(std::unique_ptr<State> state) : state_(std::move(state)) {}
BoundKernel::BoundKernel(BoundKernel&&) noexcept = default;
BoundKernel& BoundKernel::operator=(BoundKernel&&) noexcept = default;
BoundKernel::~BoundKernel() = default;

std::unique_ptr<BoundKernel::State> BoundKernel::State::make(std::shared_ptr<const CompiledKernel::State> compiled,
                                                             std::unique_ptr<std::byte[]> block,
                                                             const runtime::CallFrame& frame, runtime::Box contents,
                                                             std::vector<std::int64_t> checked_extents,
                                                             std::unique_ptr<LaunchPlan> plan,
                                                             const LaunchChoice& choice) {
  const CompiledKernel::State& state = *compiled;
  ir::Variant variant;
  EntryPoint entry_point;
  runtime::Partition partition;
  runtime::Blocks blocks;
  if (state.on_device != nullptr) {
    partition.parts = 0;  // No parts for threads: the call goes another way.
  } else if (contents == runtime::Box::has_cells) {
    if (state.thread_use.may_split(frame)) partition = state.thread_use.partition(frame);
    variant = runtime::variant_for(state.prepared, state.store_use, frame, partition.parts);
    entry_point = state.entry_points->get(variant);
    if (state.prepared.reductions.empty()) blocks = state.block_use.blocks(frame);
  }
  std::vector<CellRange> box;
  std::vector<std::int64_t> steps;
  for (int dimension = 0; dimension < state.prepared.rank; ++dimension) {
    box.push_back({frame.begin()[dimension], frame.end()[dimension]});
    steps.push_back(state.prepared.ranges[static_cast<std::size_t>(dimension)].step);
  }
  return std::unique_ptr<State>(new State{state.prepared.name, compiled, variant, entry_point, std::move(block), frame,
                                          contents, partition, blocks, state.thread_use.executor, std::move(box),
                                          std::move(steps), std::move(checked_extents), std::move(plan), choice});
}

std::unique_ptr<BoundKernel::State> BoundKernel::State::copy(std::shared_ptr<const CompiledKernel::State> other) const {
  auto other_block = std::make_unique_for_overwrite<std::byte[]>(other->frame_size);
  const runtime::CallFrame other_frame(other->prepared, other_block.get());
  other_frame.assign(frame, other->prepared);
  return make(std::move(other), std::move(other_block), other_frame, contents, checked_extents, nullptr, {});
}

void BoundKernel::State::run() const {
  const State& state = *this;
  if (state.partition.parts == 1 && state.blocks.stride == 0 && state.compiled->prepared.reductions.empty()) {
    runtime::launch(state.entry_point, state.frame, state.frame.begin(), state.frame.end(), state.kernel_name);
  } else if (state.plan != nullptr) {
    state.plan->launch(Stream());
  } else if (!state.compiled->prepared.reductions.empty()) {
    runtime::launch_reduction(state.entry_point, state.compiled->prepared, state.frame, state.partition.parts,
                              state.executor.get());
  } else {
    runtime::launch_parts(state.entry_point, state.frame, state.box.size(), state.partition, state.blocks,
                          state.executor.get(), state.kernel_name);
  }
}

void BoundKernel::State::run_checked() const {
  const runtime::CallChecks& checks = compiled->checks;
  runtime::CallChecks::Elements before;
  if (checks.writes()) before = checks.elements(frame, checked_extents);
  run();
  if (checks.writes()) checks.check_writes(frame, checked_extents, before);
  if (checks.results()) checks.check_results(frame, frame.begin(), frame.end());
}

void BoundKernel::operator()() const {
  if (state_->contents == runtime::Box::empty) return;
  state_->checked_extents.empty() ? state_->run() : state_->run_checked();
}

void BoundKernel::operator()(Stream stream) const {
  const State& state = *state_;
  if (state.compiled->on_device == nullptr) {
    runtime::require_no_stream(state.kernel_name, stream);
    return (*this)();
  }
  if (state.plan != nullptr) state.plan->launch(stream);
}

std::int64_t BoundKernel::cells() const {
  std::int64_t cells = 1;
  for (std::size_t d = 0; d < state_->box.size(); ++d) cells *= runtime::cell_count(state_->box[d], state_->steps[d]);
  return cells;
}

std::span<const CellRange> BoundKernel::box() const { return state_->box; }

// Whether the part has cells.
bool BoundKernel::check_part(std::span<const CellRange> box, std::int64_t* begin, std::int64_t* end) const {
  const State& state = *state_;
  if (!state.compiled->prepared.reductions.empty()) {
    throw UnsupportedError(
        {.code = ErrorCode::unsupported,
         .message = fmt::format("Kernel '{}' reduces values and cannot run on a part of its cells.", state.kernel_name),
         .hints = {state.compiled->on_device != nullptr
                       ? "Call the bound kernel as a whole."
                       : "Call the bound kernel as a whole; 'cpu.threads' and 'cpu.executor' say which threads it "
                         "uses."}});
  }
  if (box.size() != state.box.size()) {
    fail_box(state.kernel_name, fmt::format("has {}, but the kernel has {}.", runtime::plural(box.size(), "range"),
                                            runtime::plural(state.box.size(), "dimension")));
  }
  for (const CellRange& range : box) {
    if (range.end <= range.begin) return false;
  }
  for (std::size_t d = 0; d < box.size(); ++d) {
    check_range(state.kernel_name, d, box[d], state.box[d], state.steps[d]);
    begin[d] = box[d].begin;
    end[d] = box[d].end;
  }
  return true;
}

void BoundKernel::run(std::span<const CellRange> box) const {
  const State& state = *state_;
  if (state.compiled->on_device != nullptr) return run(box, Stream());
  std::array<std::int64_t, max_array_rank> begin;
  std::array<std::int64_t, max_array_rank> end;
  if (!check_part(box, begin.data(), end.data())) return;
  runtime::launch(state.entry_point, state.frame, begin.data(), end.data(), state.kernel_name);
  if (state.compiled->checks.results()) state.compiled->checks.check_results(state.frame, begin.data(), end.data());
}

void BoundKernel::run(std::span<const CellRange> box, Stream stream) const {
  const State& state = *state_;
  if (state.compiled->on_device == nullptr) {
    runtime::require_no_stream(state.kernel_name, stream);
    return run(box);
  }
  std::array<std::int64_t, max_array_rank> begin;
  std::array<std::int64_t, max_array_rank> end;
  if (!check_part(box, begin.data(), end.data())) return;
  state.compiled->on_device->plan(state.frame.arguments(nullptr), begin.data(), end.data(), state.choice)
      ->launch(stream);
}

}  // namespace cppstencils
