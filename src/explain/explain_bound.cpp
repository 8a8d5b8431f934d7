#include "cppstencils/explain/explanation.hpp"
#include "cppstencils/support/error.hpp"
#include "explain/kernel_cost.hpp"
#include "explain/roofline.hpp"
#include "runtime/bound_kernel_state.hpp"
#include "runtime/compiled_kernel_state.hpp"
#include "runtime/processors.hpp"
#include "runtime/wording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace cppstencils {

namespace {

std::int64_t working_set(const KernelExplanation& kernel, std::int64_t cells) {
  std::int64_t bytes = 0;
  for (const FieldTraffic& field : kernel.fields) {
    bytes += static_cast<std::int64_t>(size_of(field.dtype)) * (field.reads + field.write_only);
  }
  return bytes * cells;
}

std::string stride_reason(const runtime::PreparedKernel& kernel, const runtime::CallFrame& frame) {
  const auto axis = static_cast<std::size_t>(kernel.innermost);
  for (const runtime::PreparedBuffer& buffer : kernel.buffers) {
    const std::int64_t stride = frame.strides()[buffer.first_stride + axis];
    if (stride == 1) continue;
    return fmt::format(
        "Code for any stride: the innermost loop runs along axis {}, where the elements of '{}' are {} "
        "elements apart.",
        axis, buffer.name, stride);
  }
  return fmt::format(
      "Code for unit stride: along axis {}, that of the innermost loop, the elements of all arrays are "
      "neighbours.",
      axis);
}

/// Why results are stored as they are; the conditions are those of StoreUse, in its order.
std::string store_reason(const KernelFunction& function, const KernelExplanation& kernel, const Variant& variant,
                         std::int64_t working_set, int threads) {
  const StreamingStores option = function.config().cpu.streaming_stores;
  if (variant.stores == StorePolicy::streaming) {
    return option == StreamingStores::where_possible
               ? "Stores go past the caches, as 'cpu.streaming_stores' asks."
               : "Stores go past the caches, because the arrays do not fit into them.";
  }
  const std::string_view decision = "Stores go through the caches";
  if (std::ranges::none_of(kernel.fields, [](const FieldTraffic& field) { return field.writes > 0; })) {
    return "Cells store nothing; their values are reduced.";
  }
  if (!function.kernel_ir().reductions.empty()) {
    return fmt::format("{}, because whole lines and accumulators do not begin at the same cells.", decision);
  }
  if (option == StreamingStores::never) return fmt::format("{}, as 'cpu.streaming_stores' asks.", decision);
  if (kernel.bytes_allocated(StorePolicy::cached) == kernel.bytes_allocated(StorePolicy::streaming)) {
    return fmt::format("{}, because every array that is written is also read.", decision);
  }
  const std::int64_t kept = runtime::kept_bytes(runtime::cache_sizes(), threads);
  if (option == StreamingStores::automatic && working_set <= kept) {
    return fmt::format("{}, because the next call may find the arrays there: they hold up to {} MiB.", decision,
                       kept >> 20);
  }
  return fmt::format("{}, because rows or arrays do not allow to write whole lines.", decision);
}

std::string threads_reason(ir::IterationOrder order, const runtime::ThreadUse& use, const runtime::CallFrame& frame,
                           std::int64_t parts) {
  if (order == ir::IterationOrder::sequential) {
    return "The cells depend on each other, so they run in loop order.";
  }
  if (use.threads && parts == *use.threads) return "As 'cpu.threads' allows.";
  if (parts == use.limit) return "As the environment variable CPPSTENCILS_THREADS allows.";
  if (!use.may_split(frame)) {
    return fmt::format("A box of less than {} cells is not worth a second thread.", use.least_volume);
  }
  const int processors = runtime::available_processors();
  if (parts == processors) {
    return parts == 1 ? "There is one processor for this thread." : "All processors that this thread may use.";
  }
  return "More would have too little work, or parts of unequal size.";
}

/// The model and the clock are those of the CPU.
void require_cpu(std::string_view kernel_name, const DeviceExecutable* on_device, std::string_view action) {
  if (on_device == nullptr) return;
  throw UnsupportedError(
      {.code = ErrorCode::unsupported,
       .message = fmt::format("Kernel '{}' runs on a GPU, where calls cannot be {} yet.", kernel_name, action),
       .hints = {"KernelFunction::explain() says what a cell costs on every target."}});
}

class Timer {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace

std::optional<double> BoundExplanation::share_of_bound() const {
  if (!measurement || measurement->calls == 0 || cells == 0) return std::nullopt;
  return measurement->rate() / bound.rate();
}

BoundExplanation BoundKernel::explain() const { return explain(ExplainOptions()); }

BoundExplanation BoundKernel::explain(const ExplainOptions& options) const {
  const State& state = *state_;
  const CompiledKernel::State& compiled = *state.compiled;
  require_cpu(state.kernel_name, compiled.on_device.get(), "explained");
  BoundExplanation result;
  result.kernel = explain::explain_kernel(compiled.kernel.kernel_ir());
  result.box = state.box;
  result.cells = cells();
  result.working_set = working_set(result.kernel, result.cells);
  result.machine = options.machine ? *options.machine : machine_figures();
  result.measurement = options.measurement;
  if (state.contents == runtime::Box::empty) {
    result.reasons = {"There is no cell to update."};
    result.threads_reason = "There is no cell to update.";
  } else {
    result.variant = state.variant;
    result.code = compiled.entry_points->executable()->describe(state.variant);
    result.reasons = {stride_reason(compiled.prepared, state.frame),
                      store_reason(compiled.kernel, result.kernel, state.variant, result.working_set,
                                   static_cast<int>(state.partition.parts))};
    if (!result.code.reason.empty()) result.reasons.push_back(result.code.reason);
    if (state.blocks.stride != 0) {
      result.reasons.push_back(fmt::format(
          "In blocks of {} along axis {}, {}.", runtime::plural(state.blocks.stride, "cell"), state.blocks.dimension,
          compiled.kernel.config().cpu.block_rows ? "as 'cpu.block_rows' asks"
                                                  : "so that the layers in reach stay in the cache"));
    }
    if (compiled.tuned) {
      result.reasons.push_back(fmt::format("Tuning has chosen {}.", to_string(compiled.tuned->choice)));
    }
    result.threads = static_cast<int>(state.partition.parts);
    result.threads_reason =
        threads_reason(compiled.kernel.kernel_ir().order, compiled.thread_use, state.frame, state.partition.parts);
    if (state.executor != nullptr && result.threads > 1) result.threads_reason += " They are those of 'cpu.executor'.";
  }
  result.bound =
      explain::roofline(result.kernel, result.machine, state.variant.stores, result.working_set, result.threads);
  return result;
}

Measurement BoundKernel::measure(const MeasureOptions& options) const {
  // Short calls are timed many at once: a look at the clock takes as long as some of them.
  constexpr double least_sample = 20e-6;
  require_cpu(state_->kernel_name, state_->compiled->on_device.get(), "measured");
  Measurement result;
  result.cells = cells();
  if (result.cells == 0) return result;
  (*this)();  // compiles nothing, but may wake threads and touch pages
  std::int64_t calls_per_sample = 1;
  const auto sample = [&] {
    const Timer timer;
    for (std::int64_t call = 0; call < calls_per_sample; ++call) (*this)();
    return timer.seconds();
  };
  const Timer total;
  while (sample() < least_sample && calls_per_sample < 1'000'000) calls_per_sample *= 2;
  std::vector<double> times;
  do {
    times.push_back(sample() / static_cast<double>(calls_per_sample));
    result.calls += calls_per_sample;
  } while (result.calls < options.calls || total.seconds() < options.seconds);
  std::ranges::sort(times);
  result.median_seconds = times[times.size() / 2];
  result.least_seconds = times.front();
  return result;
}

}  // namespace cppstencils
