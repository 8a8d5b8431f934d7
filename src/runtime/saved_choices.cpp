#include "runtime/saved_choices.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "runtime/bounds.hpp"
#include "runtime/compiled_kernel_state.hpp"
#include "runtime/processors.hpp"
#include "runtime/tuning_choice.hpp"

namespace cppstencils {

namespace runtime {

namespace {

int power_of_two(std::int64_t count) { return std::bit_width(static_cast<std::uint64_t>(count)) - 1; }

}  // namespace

SizeClass size_class(const PreparedKernel& kernel, const CallFrame& frame) {
  SizeClass result;
  for (std::size_t d = 0; d < kernel.ranges.size(); ++d) {
    const std::int64_t count = cell_count({frame.begin()[d], frame.end()[d]}, kernel.ranges[d].step);
    result.cells += power_of_two(count);
    if (static_cast<int>(d) == kernel.innermost) result.row = power_of_two(count);
  }
  const auto is_unit = [&](const PreparedBuffer& buffer) {
    return frame.strides()[buffer.first_stride + static_cast<std::size_t>(kernel.innermost)] == 1;
  };
  result.inner_stride = std::ranges::all_of(kernel.buffers, is_unit) ? ir::InnerStride::unit : ir::InnerStride::any;
  return result;
}

}  // namespace runtime

CompiledKernel::State::State(KernelFunction function, std::shared_ptr<Executable> executable)
    : State(std::move(function)) {
  entry_points.emplace(std::move(executable));
  if (kernel.config().cpu.tuning == Tuning::saved && tuning_support() != nullptr) {
    saved_choices = std::make_unique<runtime::SavedChoices<State>>();
  }
}

std::shared_ptr<CompiledKernel::State> CompiledKernel::State::with_options(const CpuOptions& options) const {
  const KernelFunction other = kernel.with_cpu_options(options);
  const CpuOptions& own = kernel.config().cpu;
  std::shared_ptr<Executable> code = entry_points->executable();
  const bool is_same_code = options.vector_bytes == own.vector_bytes && options.unroll == own.unroll;
  if (!is_same_code && tuning_support() != nullptr) code = tuning_support()->build(other);
  return std::make_shared<State>(other, std::move(code));
}

std::shared_ptr<const CompiledKernel::State> CompiledKernel::State::with_choice(const TuningChoice& choice) const {
  CpuOptions options = kernel.config().cpu;
  options.tuning = Tuning::off;
  const std::shared_ptr<State> result = with_options(cppstencils::with_choice(options, choice));
  if (choice != TuningChoice()) result->tuned = Tuned{choice, options};
  return result;
}

// The identity of the code is behind the options, as it ends in the kernel.
std::string CompiledKernel::State::tuning_key(const runtime::SizeClass& size) const {
  const CpuOptions& cpu = kernel.config().cpu;
  const int threads = std::min(cpu.threads ? *cpu.threads : runtime::available_processors(), thread_use.limit);
  return fmt::format(
      "Tuning {} from 2^{} cells in rows from 2^{}, {} stride\n"
      "form 1\n"
      "threads {} {} executor {} streaming-stores {} block-rows {}\n"
      "{}",
      kernel.name(), size.cells, size.row, size.inner_stride == InnerStride::unit ? "unit" : "any", threads,
      cpu.threads ? "pinned" : "free", cpu.executor == nullptr ? "own" : "given",
      static_cast<int>(cpu.streaming_stores), cpu.block_rows ? std::to_string(*cpu.block_rows) : "free",
      tuning_support()->identity());
}

std::shared_ptr<const CompiledKernel::State> CompiledKernel::State::load(const runtime::SizeClass& size) const {
  const std::optional<std::string> text = tuning_support()->load(tuning_key(size));
  if (!text) return nullptr;
  const std::optional<TuningChoice> choice = runtime::read_choice(*text);
  if (!choice || *choice == TuningChoice()) return nullptr;
  try {
    return with_choice(*choice);
  } catch (const Error&) {
    return nullptr;  // a choice that this library or processor does not have
  }
}

bool CompiledKernel::State::save(const runtime::SizeClass& size, const TuningChoice& choice) const {
  return tuning_support() != nullptr && tuning_support()->save(tuning_key(size), runtime::write_choice(choice));
}

}  // namespace cppstencils
