// How a bound call is tuned: what there is to choose from, and calls on stand-ins for its arrays that are timed.

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "cppstencils/runtime/tuning.hpp"
#include "cppstencils/support/error.hpp"
#include "runtime/bound_kernel_state.hpp"
#include "runtime/bounds.hpp"
#include "runtime/compiled_kernel_state.hpp"
#include "runtime/tuning_arrays.hpp"
#include "runtime/tuning_search.hpp"

namespace cppstencils {

namespace {

using Clock = std::chrono::steady_clock;

/// A part that is larger than what the caches keep by this factor shows what the whole call does.
constexpr double measured_part = 1.25;
/// Results that are read again get their values anew after so many calls.
constexpr int calls_until_restored = 50;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

/// Calls of one kernel on one set of arrays, as chosen.
class BoundKernel::State::Tuner final : public runtime::TuningClock {
 public:
  using Compiled = std::shared_ptr<const CompiledKernel::State>;

  Tuner(const BoundKernel::State& call, Compiled compiled, const TuneOptions& options)
      : call_(call), compiled_(std::move(compiled)), options_(options) {
    cut_box();
    part_ = call_.copy(compiled_);
    set_box(*part_);
    arrays_.emplace(compiled_->prepared, part_->frame);
    arrays_->restore();
    find_calls_per_sample();
  }

  bool differ(const TuningChoice& one, const TuningChoice& other) override {
    const BoundKernel::State& a = candidate(one);
    const BoundKernel::State& b = candidate(other);
    return a.entry_point.function != b.entry_point.function || a.entry_point.context != b.entry_point.context ||
           a.blocks.stride != b.blocks.stride || a.partition.parts != b.partition.parts;
  }

  double sample(const TuningChoice& choice) override {
    const BoundKernel::State& call = candidate(choice);
    if (calls_ >= calls_until_restored) {
      arrays_->restore();
      calls_ = 0;
    }
    calls_ += calls_per_sample_;
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < calls_per_sample_; ++i) call.run();
    return seconds_since(start) / calls_per_sample_;
  }

  double seconds_left() const override { return options_.seconds - seconds_since(start_); }

  double seconds() const { return seconds_since(start_); }
  std::int64_t measured_cells() const { return measured_cells_; }
  const Compiled& compiled(const TuningChoice& choice) { return candidate(choice).compiled; }

  /// What the user has not pinned, and what may be worth a look.
  runtime::TuningSpace space() {
    const CpuOptions& cpu = compiled_->kernel.config().cpu;
    const BoundKernel::State& own = candidate({});
    runtime::TuningSpace space;
    const bool is_unit = own.variant.inner_stride == InnerStride::unit;
    if (cpu.streaming_stores == StreamingStores::automatic && is_unit && compiled_->prepared.reductions.empty()) {
      if (own.variant.stores == StorePolicy::streaming) {
        space.streaming_stores = {StreamingStores::never};
      } else if (4 * touched_bytes() > kept_bytes()) {
        space.streaming_stores = {StreamingStores::where_possible};
      }
    }
    if (!cpu.block_rows) space.block_rows = block_rows(own);
    TuningSupport* const support = compiled_->tuning_support();
    const bool has_vectors =
        support != nullptr && compiled_->entry_points->executable()->describe(own.variant).lanes > 1;
    if (has_vectors && !cpu.vector_bytes) {
      const std::vector<int> sizes = support->vector_sizes();
      if (sizes.size() > 1) space.vector_bytes.push_back(sizes[1]);
      // Gathers may take longer than cell by cell.
      if (!is_unit) space.vector_bytes.push_back(0);
    }
    if (has_vectors && !cpu.unroll) space.unroll = {2, 4};
    if (!cpu.threads && own.partition.parts > 1) {
      space.threads = {1};
      if (own.partition.parts > 3) space.threads.push_back(static_cast<int>(own.partition.parts / 2));
    }
    return space;
  }

 private:
  double touched_bytes() const { return compiled_->store_use.bytes_per_cell() * static_cast<double>(cells_); }
  double kept_bytes() const {
    const auto threads = static_cast<std::int64_t>(std::max<std::int64_t>(call_.partition.parts, 1));
    return static_cast<double>(runtime::kept_bytes(runtime::cache_sizes(), threads));
  }

  /// The first layers of the box, if the whole one would take too long.
  void cut_box() {
    outermost_ = static_cast<std::size_t>(compiled_->prepared.loop_order.front());
    end_ = call_.box[outermost_].end;
    for (std::size_t d = 0; d < call_.box.size(); ++d) cells_ *= runtime::cell_count(call_.box[d], call_.steps[d]);
    measured_cells_ = cells_;
    const double part = measured_part * kept_bytes() / touched_bytes();
    if (part >= 1) return;
    const std::int64_t layers = runtime::cell_count(call_.box[outermost_], call_.steps[outermost_]);
    const auto kept = std::max<std::int64_t>(static_cast<std::int64_t>(part * static_cast<double>(layers)), 1);
    end_ = std::min(end_, call_.box[outermost_].begin + kept * call_.steps[outermost_]);
    measured_cells_ = cells_ / layers * kept;
  }

  /// Code, stores and blocks stay those of the whole box.
  void set_box(BoundKernel::State& call) const {
    call.frame.end()[outermost_] = end_;
    const runtime::ThreadUse& use = call.compiled->thread_use;
    call.partition = use.may_split(call.frame) ? use.partition(call.frame) : runtime::Partition();
  }

  BoundKernel::State& candidate(const TuningChoice& choice) {
    for (const auto& [known, call] : candidates_) {
      if (known == choice) return *call;
    }
    std::unique_ptr<BoundKernel::State> call = call_.copy(compiled_->with_choice(choice));
    set_box(*call);
    arrays_->put_into(call->frame);
    return *candidates_.emplace_back(choice, std::move(call)).second;
  }

  // Looking at the clock takes as long as some calls, and a worker that slept is slow to begin.
  void find_calls_per_sample() {
    const double least_sample = std::clamp(options_.seconds / 250, 50e-6, 2e-3);
    constexpr int most_calls = 1 << 20;
    sample({});
    while (calls_per_sample_ < most_calls && sample({}) * calls_per_sample_ < least_sample) calls_per_sample_ *= 2;
  }

  std::vector<std::int64_t> block_rows(const BoundKernel::State& own) const {
    const std::vector<int>& order = compiled_->prepared.loop_order;
    const ir::Kernel& kernel = compiled_->kernel.kernel_ir();
    if (order.size() < 3 || kernel.order == ir::IterationOrder::sequential || !kernel.reductions.empty()) return {};
    const auto rows_dimension = static_cast<std::size_t>(order[order.size() - 2]);
    const std::int64_t rows = runtime::cell_count(call_.box[rows_dimension], call_.steps[rows_dimension]);
    const std::int64_t chosen = own.blocks.stride / call_.steps[rows_dimension];
    std::vector<std::int64_t> result = {8, 32};
    if (chosen != 0) result = {0, chosen / 2, 2 * chosen};
    std::erase_if(result, [&](std::int64_t number) { return number >= rows || (number == 0 && chosen == 0); });
    return result;
  }

  const BoundKernel::State& call_;
  Compiled compiled_;
  const TuneOptions& options_;
  Clock::time_point start_ = Clock::now();
  std::size_t outermost_ = 0;
  std::int64_t end_ = 0;
  std::int64_t cells_ = 1;
  std::int64_t measured_cells_ = 1;
  /// On the arrays themselves; never runs.
  std::unique_ptr<BoundKernel::State> part_;
  std::optional<runtime::TuningArrays> arrays_;
  std::vector<std::pair<TuningChoice, std::unique_ptr<BoundKernel::State>>> candidates_;
  int calls_per_sample_ = 1;
  int calls_ = 0;
};

TunedKernel BoundKernel::tune() const { return tune(TuneOptions()); }

TunedKernel BoundKernel::tune(const TuneOptions& options) const {
  const State& state = *state_;
  if (state.compiled->on_device != nullptr) {
    throw UnsupportedError(
        {.code = ErrorCode::unsupported,
         .message = fmt::format("Kernel '{}' runs on a GPU, where calls cannot be tuned yet.", state.kernel_name),
         .hints = {"Set 'gpu.block_size' and 'gpu.cells_per_thread' and compare the calls yourself."}});
  }
  if (!(options.seconds >= 0) || !(options.least_gain >= 0 && options.least_gain < 1)) {
    throw ConfigError({.code = ErrorCode::invalid_config,
                       .message = fmt::format("Kernel '{}' cannot be tuned for {} s with a least gain of {}.",
                                              state.kernel_name, options.seconds, options.least_gain),
                       .hints = {"Give a time from 0, and a gain from 0 and less than 1."}});
  }
  // Saved choices do not count: they are what tuning is to improve.
  std::shared_ptr<const CompiledKernel::State> compiled = state.compiled;
  if (compiled->tuned) compiled = compiled->with_options(compiled->tuned->options);
  TuningReport report;
  report.kernel = state.kernel_name;
  report.cells = cells();
  if (state.contents == runtime::Box::empty) {
    report.notes.emplace_back("There is no cell to update.");
  } else {
    State::Tuner tuner(state, compiled, options);
    runtime::TuningResult result = runtime::search(tuner.space(), tuner, options.least_gain);
    report.measured_cells = tuner.measured_cells();
    report.candidates = std::move(result.candidates);
    report.chosen = result.chosen;
    report.gain = result.gain;
    report.notes = std::move(result.notes);
    compiled->save(runtime::size_class(compiled->prepared, state.frame), report.chosen);
    report.seconds = tuner.seconds();
    compiled = tuner.compiled(report.chosen);
  }
  return {BoundKernel(state.copy(compiled)), CompiledKernel(compiled), std::move(report)};
}

}  // namespace cppstencils
