#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "cppstencils/kernel/create_kernel.hpp"
#include "cppstencils/runtime/compiled_kernel.hpp"
#include "cppstencils/runtime/tuning.hpp"
#include "runtime/block_use.hpp"
#include "runtime/call_checks.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/entry_points.hpp"
#include "runtime/prepared_kernel.hpp"
#include "runtime/saved_choices.hpp"
#include "runtime/store_use.hpp"
#include "runtime/thread_use.hpp"

namespace cppstencils {

/// What all calls of a kernel share.
struct CompiledKernel::State {
  State(KernelFunction function, std::shared_ptr<Executable> executable);
  State(KernelFunction function, std::shared_ptr<DeviceExecutable> executable);

  KernelFunction kernel;
  runtime::PreparedKernel prepared;
  runtime::ThreadUse thread_use;
  runtime::StoreUse store_use;
  runtime::BlockUse block_use;
  runtime::CallChecks checks;
  std::size_t frame_size;
  /// Absent for a GPU kernel.
  std::optional<runtime::EntryPoints> entry_points;
  /// Null for a CPU kernel.
  std::shared_ptr<DeviceExecutable> on_device;
  /// What was chosen by tuning, and the options without it.
  struct Tuned {
    TuningChoice choice;
    CpuOptions options;
  };
  std::optional<Tuned> tuned;
  /// Null unless calls use saved choices.
  std::unique_ptr<runtime::SavedChoices<State>> saved_choices;

  TuningSupport* tuning_support() const { return entry_points->executable()->tuning_support(); }
  /// The same kernel with other options; its code is another one only where that depends on them.
  std::shared_ptr<State> with_options(const CpuOptions& options) const;
  std::shared_ptr<const State> with_choice(const TuningChoice& choice) const;
  /// The saved choice for the call of a frame that has cells; null for this state.
  std::shared_ptr<const State> saved_choice(const runtime::CallFrame& frame) const {
    if (saved_choices == nullptr) return nullptr;
    return saved_choices->find(runtime::size_class(prepared, frame), [&](const auto& size) { return load(size); });
  }
  /// Whether it was saved.
  bool save(const runtime::SizeClass& size, const TuningChoice& choice) const;

 private:
  std::string tuning_key(const runtime::SizeClass& size) const;
  std::shared_ptr<const State> load(const runtime::SizeClass& size) const;
  explicit State(KernelFunction function)
      : kernel(std::move(function)),
        prepared(runtime::prepare(kernel.kernel_ir(), kernel.parameters(), kernel.iteration_ranges())),
        thread_use(kernel.kernel_ir(), prepared, kernel.config().cpu),
        store_use(kernel.kernel_ir(), prepared, kernel.config().cpu.streaming_stores),
        block_use(kernel.kernel_ir(), prepared, kernel.config().cpu.block_rows),
        checks(kernel.kernel_ir(), prepared, kernel.config().cpu.checks),
        frame_size(runtime::CallFrame::size(prepared)) {}
};

}  // namespace cppstencils
