#include "cppstencils/runtime/compiled_kernel.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "runtime/binding.hpp"
#include "runtime/bound_kernel_state.hpp"
#include "runtime/compiled_kernel_state.hpp"
#include "runtime/device_call.hpp"
#include "runtime/launch.hpp"
#include "runtime/parallel_launch.hpp"
#include "runtime/reduction.hpp"
#include "runtime/scratch_array.hpp"

namespace cppstencils {

CompiledKernel::CompiledKernel(KernelFunction kernel, std::shared_ptr<Executable> executable)
    : state_(std::make_shared<const State>(std::move(kernel), std::move(executable))) {}

CompiledKernel::CompiledKernel(std::shared_ptr<const State> state) : state_(std::move(state)) {}

CompiledKernel::CompiledKernel(KernelFunction kernel, std::shared_ptr<DeviceExecutable> executable)
    : state_(std::make_shared<const State>(std::move(kernel), std::move(executable))) {}

void CompiledKernel::operator()(Arguments arguments) const {
  const State& state = *state_;
  if (state.on_device != nullptr) return (*this)(arguments, Stream());
  if (state.checks.results() || state.checks.writes()) return bind(arguments)();
  runtime::ScratchArray<std::byte, 2048> block(state.frame_size);
  const runtime::CallFrame frame(state.prepared, block.data());
  if (runtime::bind_arguments(state.prepared, arguments, frame) == runtime::Box::empty) return;
  const std::shared_ptr<const State> tuned = state.saved_choice(frame);
  run(tuned == nullptr ? state : *tuned, frame);
}

void CompiledKernel::run(const State& state, const runtime::CallFrame& frame) {
  runtime::Partition partition;
  if (state.thread_use.may_split(frame)) partition = state.thread_use.partition(frame);
  const ir::Variant variant = runtime::variant_for(state.prepared, state.store_use, frame, partition.parts);
  const EntryPoint entry_point = state.entry_points->get(variant);
  if (!state.prepared.reductions.empty()) {
    return runtime::launch_reduction(entry_point, state.prepared, frame, partition.parts,
                                     state.thread_use.executor.get());
  }
  const runtime::Blocks blocks = state.block_use.blocks(frame);
  if (partition.parts == 1 && blocks.stride == 0) {
    runtime::launch(entry_point, frame, frame.begin(), frame.end(), state.prepared.name);
  } else {
    runtime::launch_parts(entry_point, frame, static_cast<std::size_t>(state.prepared.rank), partition, blocks,
                          state.thread_use.executor.get(), state.prepared.name);
  }
}

void CompiledKernel::operator()(Arguments arguments, Stream stream) const {
  return (*this)(arguments, LaunchChoice(), stream);
}

void CompiledKernel::operator()(Arguments arguments, const LaunchChoice& choice, Stream stream) const {
  const State& state = *state_;
  if (state.on_device == nullptr) {
    runtime::require_no_stream(state.prepared.name, stream);
    runtime::require_no_choice(state.prepared.name, choice);
    return (*this)(arguments);
  }
  runtime::ScratchArray<std::byte, 2048> block(state.frame_size);
  const runtime::CallFrame frame(state.prepared, block.data());
  if (runtime::bind_arguments(state.prepared, arguments, frame) == runtime::Box::empty) return;
  runtime::check_addresses(*state.on_device, state.prepared, arguments);
  state.on_device->launch(frame.arguments(nullptr), frame.begin(), frame.end(), choice, stream);
}

BoundKernel CompiledKernel::bind(Arguments arguments) const { return bind(arguments, LaunchChoice()); }

BoundKernel CompiledKernel::bind(Arguments arguments, const LaunchChoice& choice) const {
  const State& state = *state_;
  if (state.on_device == nullptr) runtime::require_no_choice(state.prepared.name, choice);
  auto block = std::make_unique_for_overwrite<std::byte[]>(state.frame_size);
  const runtime::CallFrame frame(state.prepared, block.get());
  const runtime::Box contents = runtime::bind_arguments(state.prepared, arguments, frame);
  std::unique_ptr<LaunchPlan> plan;
  if (state.on_device != nullptr && contents == runtime::Box::has_cells) {
    runtime::check_addresses(*state.on_device, state.prepared, arguments);
    plan = state.on_device->plan(frame.arguments(nullptr), frame.begin(), frame.end(), choice);
  }
  std::vector<std::int64_t> checked_extents;
  if (state.on_device == nullptr && (state.checks.results() || state.checks.writes())) {
    // All arrays of a call have the same spatial extents.
    const auto is_field = [&](const Argument& argument) {
      return state.prepared.find(argument.name())->role == Parameter::Role::field;
    };
    const auto array = std::ranges::find_if(arguments, is_field)->array();
    checked_extents.assign(array->extents.begin(), array->extents.begin() + state.prepared.rank);
  }
  std::shared_ptr<const State> compiled = contents == runtime::Box::has_cells ? state.saved_choice(frame) : nullptr;
  if (compiled == nullptr) compiled = state_;
  return BoundKernel(BoundKernel::State::make(std::move(compiled), std::move(block), frame, contents,
                                              std::move(checked_extents), std::move(plan), choice));
}

const KernelFunction& CompiledKernel::kernel() const noexcept { return state_->kernel; }

}  // namespace cppstencils
